import Type from 'typebox';
import { Compile } from 'typebox/compile';

import type { Clock } from '../../platform/clock.ts';
import type { JsonObject } from '../../platform/json.ts';
import type { Logger } from '../../platform/logger.ts';
import { Secret } from '../../platform/secret.ts';
import { withDeadline } from '../../platform/deadline.ts';
import {
  createVaultClient,
  isAbsence,
  isRefusal,
  parseReply,
  createVaultTransport,
  type VaultTransport,
} from './vault-client.ts';
import { type Gate, type SecretStore, assertSecretKey, assertSecretPrefix, encodeSecretKey } from './port.ts';
import { toStoreError, type VaultCall } from './vault-errors.ts';
import { createVaultSession, type AppRoleAuth } from './vault-session.ts';

export interface VaultSecretStoreOptions {
  /** Vault's origin, e.g. `https://vault:8200`. */
  readonly address: string;
  /** The KV version 2 mount for Mooring alone; see deploy/vault. */
  readonly mount: string;
  /** Vault Enterprise or HCP. */
  readonly namespace?: string | undefined;
  readonly auth: AppRoleAuth;
  /** Every call ends within this time, including a login. */
  readonly timeoutMs?: number;
  readonly clock: Clock;
  readonly logger?: Logger;
  readonly transport?: VaultTransport;
}

interface RequestOptions {
  readonly signal: AbortSignal;
  readonly headers: Record<string, string>;
}

const DEFAULT_TIMEOUT_MS = 2_000;

const version = Type.Integer({ minimum: 1 });
const readReply = Compile(
  Type.Object({
    data: Type.Object({
      data: Type.Record(Type.String(), Type.Unknown()),
      metadata: Type.Object({ version, created_time: Type.String() }),
    }),
  }),
);
const writeReply = Compile(Type.Object({ data: Type.Object({ version }) }));
const listReply = Compile(Type.Object({ data: Type.Object({ keys: Type.Array(Type.String()) }) }));

/** The secret store on Vault's KV version 2 engine, through an AppRole. */
export function createVaultSecretStore(options: VaultSecretStoreOptions): SecretStore {
  const { mount, clock, logger, timeoutMs = DEFAULT_TIMEOUT_MS, transport = createVaultTransport() } = options;
  const address = new URL(options.address).origin;
  const client = createVaultClient({ address: options.address, namespace: options.namespace, transport });
  const session = createVaultSession({ client, address, auth: options.auth, timeoutMs, clock, logger });

  const request = async <T>(
    what: string,
    { changes, withinMs = timeoutMs }: { changes: boolean; withinMs?: number | undefined },
    send: (options: RequestOptions) => Promise<T>,
  ): Promise<T> => {
    const call: VaultCall = { what, changes, sent: false };
    try {
      return await withDeadline(
        withinMs,
        async (signal) =>
          await session.withToken(async (token) => {
            // The login may have used up the time. A request whose caller has stopped waiting must not be sent.
            signal.throwIfAborted();
            call.sent = true;
            try {
              return await send({ signal, headers: { 'X-Vault-Token': token } });
            } catch (error) {
              // The token was refused; the outcome of the retry counts.
              if (isRefusal(error, 403)) call.sent = false;
              throw error;
            }
          }),
      );
    } catch (error) {
      throw toStoreError(error, call, address);
    }
  };

  const path = (kind: 'data' | 'destroy' | 'metadata', gate: Gate, key: string) =>
    `${mount}/${kind}/${gate}/${encodeSecretKey(key)}`;

  const store: SecretStore = {
    async read(gate, key) {
      assertSecretKey(key);
      return await request(`read ${gate}/${key}`, { changes: false }, async (call) => {
        const reply = await client.read(path('data', gate, key), call).catch(undefinedIfAbsent);
        if (reply === undefined) return undefined;
        const { data, metadata } = parseReply(readReply, reply).data;
        return { version: metadata.version, data: new Secret(data as JsonObject), writtenAt: metadata.created_time };
      });
    },

    async write(gate, key, data, { cas } = {}) {
      assertSecretKey(key);
      const body = { data: data.reveal(), ...(cas === undefined ? {} : { options: { cas } }) };
      return await request(`write ${gate}/${key}`, { changes: true }, async (call) => {
        return parseReply(writeReply, await client.write(path('data', gate, key), body, call)).data.version;
      });
    },

    async destroy(gate, key) {
      assertSecretKey(key);
      await request(`destroy ${gate}/${key}`, { changes: true }, async (call): Promise<unknown> => {
        return await client.delete(path('metadata', gate, key), call);
      });
    },

    async prune(gate, key, kept) {
      assertSecretKey(key);
      // Vault ignores versions that are destroyed already, so there is no need to list them first.
      const versions = Array.from({ length: kept - 1 }, (_, index) => index + 1);
      if (versions.length === 0) return;
      await request(`prune ${gate}/${key}`, { changes: true }, async (call): Promise<unknown> => {
        return await client.write(path('destroy', gate, key), { versions }, call);
      });
    },

    async list(gate, prefix, { timeoutMs: withinMs } = {}) {
      assertSecretPrefix(prefix);
      return await request(`list ${gate}/${prefix}`, { changes: false, withinMs }, async (call) => {
        const reply = await client.list(path('metadata', gate, prefix), call).catch(undefinedIfAbsent);
        return reply === undefined ? [] : parseReply(listReply, reply).data.keys.sort();
      });
    },

    async ping() {
      // Both roles may read it, so this one call proves address, seal state, mount, token and policy.
      await store.read('config', 'key-check');
    },

    async close() {
      await session.close();
    },
  };
  return store;
}

function undefinedIfAbsent(error: unknown): undefined {
  if (!isAbsence(error)) throw error;
}
