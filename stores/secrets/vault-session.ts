import Type from 'typebox';
import { Compile } from 'typebox/compile';

import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/logger.ts';
import { Secret } from '../../platform/secret.ts';
import { withDeadline } from '../../platform/deadline.ts';
import { isRefusal, parseReply, refusalTexts, type VaultClient, type VaultRefusal } from './vault-client.ts';
import { SecretStoreUnavailable } from './port.ts';
import { toStoreError } from './vault-errors.ts';

export interface AppRoleAuth {
  readonly roleId: string;
  readonly secretId: Secret<string>;
}

export interface VaultSession {
  /** Runs `call` with this process's token; once more with a new one if Vault no longer accepts the first. */
  withToken<T>(call: (token: string) => Promise<T>): Promise<T>;
  /** Revokes the token. Never rejects. */
  close(): Promise<void>;
}

interface Lease {
  readonly token: Secret<string>;
  readonly renewable: boolean;
  readonly loggedInAtMs: number;
  /** As granted at the login; a renewal that gives much less is near the role's `token_max_ttl`. */
  readonly grantedMs: number;
  readonly renewAtMs: number;
  readonly expiresAtMs: number;
}

/** If a younger token than this is refused, its policy is the reason, and a new login would not help. */
const YOUNG_MS = 10_000;

const authReply = Compile(
  Type.Object({
    auth: Type.Object({
      client_token: Type.String({ minLength: 1 }),
      lease_duration: Type.Integer({ minimum: 0 }),
      renewable: Type.Boolean(),
    }),
  }),
);

/**
 * The token of an AppRole. The first call logs in; the first call after half of the token's life renews it in the
 * background; a call after its end logs in again. Concurrent callers share one login.
 */
export function createVaultSession(deps: {
  readonly client: VaultClient;
  readonly address: string;
  readonly auth: AppRoleAuth;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly logger: Logger | undefined;
}): VaultSession {
  const { client, auth, clock, logger, timeoutMs } = deps;
  let lease: Lease | undefined;
  let loggingIn: Promise<Lease> | undefined;
  let renewing: Promise<void> | undefined;

  const leaseFrom = (reply: unknown, renewed?: Lease): Lease => {
    const { client_token, lease_duration, renewable } = parseReply(authReply, reply).auth;
    const now = clock.now();
    // Vault says 0 for a token that does not expire.
    const lifeMs = lease_duration === 0 ? Infinity : lease_duration * 1_000;
    return {
      token: new Secret(client_token),
      renewable,
      loggedInAtMs: renewed?.loggedInAtMs ?? now,
      grantedMs: renewed?.grantedMs ?? lifeMs,
      renewAtMs: now + lifeMs / 2,
      expiresAtMs: now + lifeMs,
    };
  };

  const send = async (path: string, body: object, token?: Secret<string>): Promise<unknown> =>
    await withDeadline(timeoutMs, async (signal): Promise<unknown> => {
      const headers = token ? { 'X-Vault-Token': token.reveal() } : {};
      return await client.write(path, body, { headers, signal });
    });

  const logIn = async (): Promise<Lease> => {
    try {
      const reply = await send('auth/approle/login', { role_id: auth.roleId, secret_id: auth.secretId.reveal() });
      lease = leaseFrom(reply);
      logger?.info('Logged in to Vault.');
      return lease;
    } catch (error) {
      if (isRefusal(error, 400, 403)) throw loginRefused(deps.address, refusalTexts(error), error);
      throw toStoreError(error, { what: 'log in', changes: false, sent: false }, deps.address);
    }
  };

  const sharedLogIn = async (): Promise<Lease> => {
    loggingIn ??= logIn().finally(() => (loggingIn = undefined));
    return await loggingIn;
  };

  const renew = async (old: Lease): Promise<void> => {
    if (old.renewable) {
      const renewed = await send('auth/token/renew-self', {}, old.token).then(
        (reply) => leaseFrom(reply, old),
        refused,
      );
      if (renewed && renewed.expiresAtMs - clock.now() >= old.grantedMs / 2) {
        lease = renewed;
        logger?.debug('Renewed the Vault token.');
        return;
      }
    }
    await sharedLogIn();
  };

  const current = async (): Promise<Lease> => {
    if (!lease || clock.now() >= lease.expiresAtMs) return await sharedLogIn();
    if (clock.now() >= lease.renewAtMs) {
      renewing ??= renew(lease)
        .catch((error: unknown) =>
          logger?.warn({ err: error }, 'The Vault token could not be renewed; it still serves.'),
        )
        .finally(() => (renewing = undefined));
    }
    return lease;
  };

  /**
   * A new token after a refusal, unless the policy refused. In case another caller has logged in meanwhile, that token.
   */
  const replacementFor = async (used: Lease, refusal: VaultRefusal): Promise<Lease | undefined> => {
    if (lease && lease.token.reveal() !== used.token.reveal()) return lease;
    const saysSo = refusalTexts(refusal).some((text) => text.includes('invalid token'));
    return saysSo || clock.now() - used.loggedInAtMs >= YOUNG_MS ? await sharedLogIn() : undefined;
  };

  return {
    async withToken(call) {
      const used = await current();
      try {
        return await call(used.token.reveal());
      } catch (error) {
        const replacement = isRefusal(error, 403) ? await replacementFor(used, error) : undefined;
        if (!replacement) throw error;
        return await call(replacement.token.reveal());
      }
    },
    async close() {
      const ending = lease;
      lease = undefined;
      if (ending) await send('auth/token/revoke-self', {}, ending.token).catch(() => undefined);
    },
  };
}

function refused(error: unknown): undefined {
  if (!isRefusal(error, 400, 403)) throw error;
}

const loginRefused = (address: string, texts: string[], cause: unknown) =>
  new SecretStoreUnavailable(
    `Vault at ${address} refuses the AppRole login (${texts.join('; ') || 'no reason given'}). ` +
      'Check VAULT_ROLE_ID and VAULT_SECRET_ID: a secret id can be revoked or run out; deploy/vault/setup.sh says how to make one.',
    { ambiguous: false, cause },
  );
