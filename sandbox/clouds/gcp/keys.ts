import { generateKeyPairSync } from 'node:crypto';

import type { CloudContext } from '../../core/cloud.ts';
import type { ServiceAccount } from './accounts.ts';
import { isSignedBy } from './jws.ts';
import type { GcpSettings } from './settings.ts';

interface Key {
  readonly id: string;
  readonly email: string;
  readonly publicKey: string;
  /** Kept, unlike at the real one, so that the console can show it again. */
  readonly privateKey: string;
  readonly createdAtMs: number;
}

/** The file that Google Cloud gives out with a new key. */
export type KeyFile = Readonly<Record<string, string>>;

export interface Keys {
  create(account: ServiceAccount, tokenUri: string): KeyFile;
  /** The newest key of an account; one is made where there is none. */
  ready(account: ServiceAccount, tokenUri: string): KeyFile;
  delete(email: string, id: string): boolean;
  /** Whether one of the account's keys that are known by now signed it. */
  signed(jwt: string, email: string): boolean;
  /** A line of each private key, from the part that is secret. */
  secrets(): string[];
}

export function createKeys({ tables, clock, random, settings }: CloudContext<GcpSettings>): Keys {
  const keys = tables.table<Key>('gcp.keys');
  const of = (email: string) => [...keys.values()].filter((key) => key.email === email);

  function create(account: ServiceAccount, tokenUri: string): KeyFile {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    const id = Buffer.from(random(20), 'base64url').toString('hex');
    const key = { id, email: account.email, publicKey, privateKey, createdAtMs: clock.now() };
    keys.put(id, key);
    return fileOf(key, account, tokenUri);
  }

  return {
    create,
    ready(account, tokenUri) {
      const newest = of(account.email).at(-1);
      return newest ? fileOf(newest, account, tokenUri) : create(account, tokenUri);
    },
    delete(email, id) {
      const found = keys.get(id)?.email === email;
      if (found) keys.delete(id);
      return found;
    },
    signed: (jwt, email) =>
      of(email).some(
        ({ createdAtMs, publicKey }) =>
          clock.now() >= createdAtMs + settings().keyPropagationSeconds * 1000 && isSignedBy(jwt, publicKey),
      ),
    // The first lines are the modulus, which is public.
    secrets: () => [...keys.values()].map(({ privateKey }) => privateKey.split('\n')[9] ?? privateKey),
  };
}

const fileOf = ({ id, privateKey }: Key, { email, id: clientId, projectId }: ServiceAccount, tokenUri: string) => ({
  type: 'service_account',
  project_id: projectId,
  private_key_id: id,
  private_key: privateKey,
  client_email: email,
  client_id: clientId,
  auth_uri: tokenUri.replace(/token$/, 'authorize'),
  token_uri: tokenUri,
  universe_domain: 'googleapis.com',
});
