import { createHash, randomBytes as systemRandomBytes, timingSafeEqual } from 'node:crypto';

import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';

import { tenantPattern } from '../contracts/ids.ts';
import { iso } from '../contracts/time.ts';
import type { Clock } from '../platform/clock.ts';
import { nullable } from '../platform/schema.ts';
import { Secret } from '../platform/secret.ts';
import { operatorScopes, tenantScopes, type ApiKeyRights } from './api-key-scopes.ts';
import { SecretStoreConflict, SecretStoreUnavailable, type SecretStore } from './secrets/port.ts';

/** How long a key lives if nothing else is asked for. */
export const DEFAULT_LIFE_DAYS = 90;

const facts = {
  /** SHA-256, hex. Fast is fine for 256 random bits; only passwords that people choose need a slow hash. */
  secretSha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  name: Type.String(),
  createdAt: Type.String(),
  /** The id of the key that made it; null = `deploy/new-api-key.sh` or `npm start`. */
  createdBy: nullable(Type.String()),
  expiresAt: nullable(Type.String()),
  /** Addresses and networks (CIDR) that it may be used from; empty = all. */
  allowedAddresses: Type.Array(Type.String()),
  /** The id of the key that was made when it was rotated. */
  replacedBy: nullable(Type.String()),
};
const document = Type.Union([
  Type.Object({
    ...facts,
    tenant: Type.String({ pattern: tenantPattern }),
    scopes: Type.Array(Type.Enum([...tenantScopes])),
  }),
  Type.Object({ ...facts, tenant: Type.Null(), scopes: Type.Array(Type.Enum([...operatorScopes])) }),
]);
const storedKey = Compile(document);
type Document = Static<typeof document>;

/** The facts about a key that may be shown. */
export type ApiKey = ApiKeyRights & {
  readonly id: string;
  /** Chosen by a person. */
  readonly name: string;
  readonly createdAt: string;
  readonly createdBy: string | null;
  /** ISO 8601; null = does not expire. */
  readonly expiresAt: string | null;
  readonly allowedAddresses: readonly string[];
  readonly replacedBy: string | null;
};

export type NewApiKey = ApiKeyRights &
  Pick<ApiKey, 'name' | 'expiresAt'> &
  Partial<Pick<ApiKey, 'createdBy' | 'allowedAddresses'>>;

export interface CreatedApiKey {
  /** The only time that the key itself is shown. */
  readonly key: Secret<string>;
  readonly apiKey: ApiKey;
}

export interface StoredApiKey {
  readonly apiKey: ApiKey;
  /** The store's version, for check-and-set. */
  readonly version: number;
  /** Compares in constant time. */
  isSecret(presented: string): boolean;
}

export interface Rotation {
  readonly createdBy: string | null;
  /** Of the new key. */
  readonly expiresAt: string | null;
  /** Of the old key, which is valid until then. */
  readonly oldExpiresAt: string;
}

export interface KeyPageOptions {
  readonly limit: number;
  /** The id after which the page begins. */
  readonly after: string | null;
  /** All, where it is left out. */
  readonly isWanted?: (key: ApiKey) => boolean;
}

export interface KeyPage {
  readonly keys: readonly ApiKey[];
  /** Where the next page begins after; null on the last one. */
  readonly next: string | null;
}

/**
 * API keys, `mrg_{id}_{secret}`. Only a hash of the secret is stored, under `config/api-keys/{id}`. Every function
 * rejects as the secret store does.
 */
export interface ApiKeys {
  create(input: NewApiKey): Promise<CreatedApiKey>;
  /** Also a key that has expired. Undefined for an unknown or malformed id, and for a document that is not valid. */
  read(id: string): Promise<StoredApiKey | undefined>;
  /** The ids of all keys, in one call to the store. */
  ids(): Promise<string[]>;
  /**
   * The next keys in the order of their ids, of a tenant (null = of the operators), that are wanted. It reads a bounded
   * number of keys, so a page may have fewer than `limit` and another behind it.
   */
  page(tenant: string | null, options: KeyPageOptions): Promise<KeyPage>;
  /**
   * Makes a key with the rights of the old one, and lets the old one expire. SecretStoreConflict where the old one was
   * changed meanwhile; then there is no new key.
   */
  rotate(old: StoredApiKey, rotation: Rotation): Promise<CreatedApiKey>;
  revoke(id: string): Promise<void>;
}

const FOLDER = 'api-keys/';
const ID_BYTES = 8;
const SECRET_BYTES = 32;
const ID = /^[0-9a-f]{16}$/;
const PRESENTED = /^mrg_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;
/** Reads at once for a list, and in all for one page of it. */
const READS = 32;
const MOST_READS = 1_024;

/** The parts of a key as a caller sends it; undefined for anything that is not one. */
export function parseApiKey(presented: string): { readonly id: string; readonly secret: string } | undefined {
  const [, id, secret] = PRESENTED.exec(presented) ?? [];
  return id === undefined || secret === undefined ? undefined : { id, secret };
}

export const isExpired = ({ expiresAt }: Pick<ApiKey, 'expiresAt'>, nowMs: number): boolean =>
  expiresAt !== null && Date.parse(expiresAt) <= nowMs;

export function createApiKeys(deps: {
  readonly secrets: SecretStore;
  readonly clock: Clock;
  readonly randomBytes?: (size: number) => Buffer;
}): ApiKeys {
  const { secrets, clock, randomBytes = systemRandomBytes } = deps;

  const write = async (id: string, value: Document, cas: number): Promise<void> => {
    await secrets.write('config', FOLDER + id, new Secret(value), { cas });
  };

  const find = async (id: string) => {
    const stored = ID.test(id) ? await secrets.read('config', FOLDER + id) : undefined;
    const value = stored?.data.reveal();
    return stored && storedKey.Check(value) ? { value, version: stored.version } : undefined;
  };

  const create = async (input: NewApiKey): Promise<CreatedApiKey> => {
    const id = randomBytes(ID_BYTES).toString('hex');
    const secret = randomBytes(SECRET_BYTES).toString('base64url');
    const value: Document = {
      ...rightsOf(input),
      secretSha256: sha256(secret).toString('hex'),
      name: input.name,
      createdAt: iso(clock.now()),
      createdBy: input.createdBy ?? null,
      expiresAt: input.expiresAt,
      allowedAddresses: [...(input.allowedAddresses ?? [])],
      replacedBy: null,
    };
    await write(id, value, 0);
    return { key: new Secret(`mrg_${id}_${secret}`), apiKey: shown(id, value) };
  };

  return {
    create,

    async read(id) {
      const found = await find(id);
      if (!found) return undefined;
      const expected = Buffer.from(found.value.secretSha256, 'hex');
      return {
        apiKey: shown(id, found.value),
        version: found.version,
        isSecret: (presented) => timingSafeEqual(sha256(presented), expected),
      };
    },

    async ids() {
      return await secrets.list('config', FOLDER);
    },

    async page(tenant, { limit, after, isWanted = () => true }) {
      const ids = (await secrets.list('config', FOLDER)).filter((id) => after === null || id > after);
      const keys: ApiKey[] = [];
      const most = Math.min(ids.length, MOST_READS);
      for (let start = 0; start < most; start += READS) {
        const batch = ids.slice(start, Math.min(start + READS, most));
        const found = await Promise.all(batch.map(async (id) => ({ id, value: (await find(id))?.value })));
        for (const { id, value } of found) {
          if (value?.tenant !== tenant) continue;
          const key = shown(id, value);
          if (!isWanted(key)) continue;
          // One more than the page holds shows that there is another page.
          if (keys.length === limit) return { keys, next: keys.at(-1)?.id ?? null };
          keys.push(key);
        }
      }
      return { keys, next: ids.length > most ? (ids[most - 1] ?? null) : null };
    },

    async rotate({ apiKey, version }, { createdBy, expiresAt, oldExpiresAt }) {
      const old = await find(apiKey.id);
      if (old?.version !== version) throw new SecretStoreConflict(`The API key ${apiKey.id} has changed meanwhile.`);
      // The new key comes first: without it, the old one must not begin to expire.
      const made = await create({ ...apiKey, createdBy, expiresAt });
      try {
        await write(apiKey.id, { ...old.value, expiresAt: oldExpiresAt, replacedBy: made.apiKey.id }, version);
      } catch (error) {
        // If the outcome is not known, the new key stays: the old one may have been changed already.
        const isUnknown = error instanceof SecretStoreUnavailable && error.ambiguous;
        if (!isUnknown) await secrets.destroy('config', FOLDER + made.apiKey.id).catch(() => undefined);
        throw error;
      }
      return made;
    },

    async revoke(id) {
      if (ID.test(id)) await secrets.destroy('config', FOLDER + id);
    },
  };
}

/** Only these two fields, with the kind of scopes that belongs to the tenant. */
const rightsOf = (input: ApiKeyRights) =>
  input.tenant === null
    ? { tenant: null, scopes: [...input.scopes] }
    : { tenant: input.tenant, scopes: [...input.scopes] };

function shown(id: string, { secretSha256: _hash, ...value }: Document): ApiKey {
  return { id, ...value };
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
