import { createHash, randomBytes as systemRandomBytes, timingSafeEqual } from 'node:crypto';

import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';

import { nullable } from '../platform/schema.ts';
import { iso } from '../contracts/time.ts';
import type { Clock } from '../platform/clock.ts';
import { Secret } from '../platform/secret.ts';
import type { SecretStore } from './secrets/port.ts';

export const apiKeyScopes = ['connections:read', 'connections:write', 'credentials:read', 'admin'] as const;
export type ApiKeyScope = (typeof apiKeyScopes)[number];

const document = Type.Object({
  /** SHA-256, hex. Fast is fine for 256 random bits; only passwords that people choose need a slow hash. */
  secretSha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  tenant: Type.String(),
  scopes: Type.Array(Type.Enum(apiKeyScopes)),
  name: Type.String(),
  createdAt: Type.String(),
  expiresAt: nullable(Type.String()),
});
const storedKey = Compile(document);

/** The facts about a key that may be shown. */
export interface ApiKey extends Omit<Static<typeof document>, 'secretSha256'> {
  readonly id: string;
}

export interface NewApiKey {
  readonly tenant: string;
  readonly scopes: readonly ApiKeyScope[];
  /** Chosen by a person. */
  readonly name: string;
  /** ISO 8601; null = does not expire. */
  readonly expiresAt: string | null;
}

/**
 * API keys, `mrg_{id}_{secret}`. Only a hash of the secret is stored, under `config/api-keys/{id}`. Every function
 * rejects as the secret store does.
 */
export interface ApiKeys {
  /** The only time that the key itself is shown. */
  create(input: NewApiKey): Promise<{ readonly key: Secret<string>; readonly apiKey: ApiKey }>;
  /** Undefined for a key that is malformed, unknown, revoked, expired, or wrong: a caller learns no more. */
  verify(presented: Secret<string>): Promise<ApiKey | undefined>;
  /** False where the tenant has no such key. */
  revoke(tenant: string, id: string): Promise<boolean>;
  list(tenant: string): Promise<ApiKey[]>;
}

const FOLDER = 'api-keys/';
const ID_BYTES = 8;
const SECRET_BYTES = 32;
const ID = /^[0-9a-f]{16}$/;
const PRESENTED = /^mrg_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;

export function createApiKeys(deps: {
  readonly secrets: SecretStore;
  readonly clock: Clock;
  readonly randomBytes?: (size: number) => Buffer;
}): ApiKeys {
  const { secrets, clock, randomBytes = systemRandomBytes } = deps;

  const find = async (id: string): Promise<{ secretSha256: string; apiKey: ApiKey } | undefined> => {
    const stored = await secrets.read('config', FOLDER + id);
    const value = stored?.data.reveal();
    if (!storedKey.Check(value)) return undefined;
    const { secretSha256, ...facts } = value;
    return { secretSha256, apiKey: { id, ...facts } };
  };

  return {
    async create({ tenant, scopes, name, expiresAt }) {
      const id = randomBytes(ID_BYTES).toString('hex');
      const secret = randomBytes(SECRET_BYTES).toString('base64url');
      const facts = { tenant, scopes: [...scopes], name, createdAt: iso(clock.now()), expiresAt };
      const value = new Secret({ secretSha256: sha256(secret).toString('hex'), ...facts });
      await secrets.write('config', FOLDER + id, value, { cas: 0 });
      return { key: new Secret(`mrg_${id}_${secret}`), apiKey: { id, ...facts } };
    },

    async verify(presented) {
      const [, id, secret] = PRESENTED.exec(presented.reveal()) ?? [];
      if (id === undefined || secret === undefined) return undefined;
      const found = await find(id);
      if (!found || !timingSafeEqual(sha256(secret), Buffer.from(found.secretSha256, 'hex'))) return undefined;
      const { expiresAt } = found.apiKey;
      return expiresAt !== null && Date.parse(expiresAt) <= clock.now() ? undefined : found.apiKey;
    },

    async revoke(tenant, id) {
      if (!ID.test(id) || (await find(id))?.apiKey.tenant !== tenant) return false;
      await secrets.destroy('config', FOLDER + id);
      return true;
    },

    async list(tenant) {
      const ids = await secrets.list('config', FOLDER);
      const found = await Promise.all(ids.map(find));
      return found.flatMap((key) => (key?.apiKey.tenant === tenant ? [key.apiKey] : []));
    },
  };
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
