import { manifest as ovh } from '../../../providers/ovh/manifest.ts';
import type { MethodManifest, ProviderManifest } from '../../../providers/manifests/types.ts';
import { ProviderError, type AuthMethod, type IssuedCredential, type Provider } from '../../../providers/provider.ts';
import type { JsonObject } from '../../../platform/json.ts';
import { Secret } from '../../../platform/secret.ts';

/**
 * What comes of the next refresh (or exchange). `lost`: the token is spent and the answer does not arrive. `unreachable`: nothing
 * was sent. `broken`: nobody can tell. `refused`: the cloud says no, and spends nothing. `hold`: the token is spent, and
 * the answer comes when the test lets it. `hold_unreachable`: the same, and nothing was sent.
 */
export type Turn =
  | 'answer'
  | 'lost'
  | 'unreachable'
  | 'broken'
  | 'rate_limited'
  | 'misconfigured'
  | 'refused'
  | 'hold'
  | 'hold_unreachable';

type Terms = Omit<IssuedCredential, 'fields'>;

export interface ScriptedCloud {
  readonly provider: Provider;
  readonly method: AuthMethod;
  /** Every token it ever issued. */
  readonly tokens: readonly string[];
  /** Calls of `refresh`, and how many of them brought a token that was spent already. */
  readonly calls: {
    refresh: number;
    spentTwice: number;
    revoked: string[];
    redeemed: [code: string, verifier: string][];
  };
  script(...turns: Turn[]): void;
  /** How it issues from now on. */
  terms: Terms;
  /** Spent tokens answer their successor again. */
  grace: boolean;
  /** Resolves when a refresh is held; the answer lets it go on. */
  held(): Promise<() => void>;
  /** What a fresh sign-in gives. */
  issue(): JsonObject;
  withdraw(): void;
}

/**
 * A cloud with one grant and a script of turns. Where refresh tokens rotate, it detects their reuse (RFC 9700, 4.14.2);
 * where they do not, a renewal spends nothing.
 */
export function createScriptedCloud({ rotates = true }: { rotates?: boolean } = {}): ScriptedCloud {
  const tokens: string[] = [];
  const successors = new Map<string, JsonObject>();
  const turns: Turn[] = [];
  const calls: ScriptedCloud['calls'] = { refresh: 0, spentTwice: 0, revoked: [], redeemed: [] };
  let isWithdrawn = false;
  let hold = Promise.withResolvers<() => void>();

  const issue = (): JsonObject => {
    const number = tokens.length / 2 + 1;
    const issued = { access_token: `access-token-${number}`, refresh_token: `refresh-token-${number}` };
    tokens.push(issued.access_token, issued.refresh_token);
    return issued;
  };

  function spend(token: string): JsonObject {
    const before = successors.get(token);
    if (before) {
      calls.spentTwice += 1;
      if (cloud.grace) return before;
      isWithdrawn = true;
    }
    if (isWithdrawn || !tokens.includes(token)) throw error('revoked', 'answered', 'invalid_grant');
    const issued = issue();
    if (rotates) successors.set(token, issued);
    return issued;
  }

  const method: AuthMethod = {
    async exchange({ code, verifier }) {
      const turn = turns.shift() ?? 'answer';
      if (turn === 'unreachable') throw error('transient', 'not_sent', 'cloud_unreachable');
      if (turn === 'rate_limited') throw error('transient', 'answered', 'cloud_rate_limited', 30);
      if (turn === 'misconfigured') throw error('config', 'answered', 'invalid_client');
      if (turn === 'refused') throw error('user', 'answered', 'invalid_grant');
      if (turn === 'lost' || turn === 'broken') throw error('transient', 'unknown', 'cloud_unreachable');
      if (turn === 'hold') await new Promise<void>((release) => hold.resolve(release));
      calls.redeemed.push([code.reveal(), verifier.reveal()]);
      return { fields: new Secret(issue()), ...cloud.terms };
    },
    prove() {
      const turn = turns.shift() ?? 'answer';
      if (turn === 'unreachable') return Promise.reject(error('transient', 'not_sent', 'not_yet_usable'));
      if (turn === 'refused') return Promise.reject(error('user', 'answered', 'no_subscription'));
      return Promise.resolve({ account: { id: 'ada', displayName: null }, warnings: [] });
    },
    async refresh({ record }) {
      calls.refresh += 1;
      const turn = turns.shift() ?? 'answer';
      if (turn === 'hold_unreachable') await new Promise<void>((release) => hold.resolve(release));
      if (turn === 'unreachable' || turn === 'hold_unreachable') {
        throw error('transient', 'not_sent', 'cloud_unreachable');
      }
      if (turn === 'rate_limited') throw error('transient', 'answered', 'cloud_rate_limited', 30);
      if (turn === 'misconfigured') throw error('config', 'answered', 'invalid_client');
      if (turn === 'broken') throw error('transient', 'unknown', 'cloud_unreachable');
      if (turn === 'refused') throw error('revoked', 'answered', 'access_refused');
      const fields = spend(record.reveal()['refresh_token'] as string);
      if (turn === 'lost') throw error('transient', 'unknown', 'cloud_unreachable');
      if (turn === 'hold') await new Promise<void>((release) => hold.resolve(release));
      return { fields: new Secret(fields), ...cloud.terms };
    },
    async revoke({ record }) {
      const turn = turns.shift() ?? 'answer';
      if (turn === 'unreachable') throw error('transient', 'not_sent', 'cloud_unreachable');
      if (turn === 'misconfigured') throw error('user', 'answered', 'unsupported_token_type');
      calls.revoked.push(record.reveal()['refresh_token'] as string);
      return { outcome: 'revoked', revoked: ['refresh_token'] };
    },
  };

  const cloud: ScriptedCloud = {
    provider: { manifest: manifestOf({ rotatesRefreshTokens: rotates }), methods: { authorization_code: method } },
    method,
    tokens,
    calls,
    terms: { ttlSeconds: 3600, renewable: true, scopes: ['all'], warnings: [] },
    grace: false,
    script: (...next) => void turns.push(...next),
    async held() {
      const release = await hold.promise;
      hold = Promise.withResolvers();
      return release;
    },
    issue,
    withdraw: () => void (isWithdrawn = true),
  };
  return cloud;
}

/** OVHcloud's manifest, with its sign-in changed. */
export function manifestOf(changes: Partial<MethodManifest>): ProviderManifest {
  const [signIn, ...others] = ovh.methods;
  return { ...ovh, methods: [{ ...signIn, ...changes } as MethodManifest, ...others] };
}

function error(
  kind: ProviderError['class'],
  delivery: ProviderError['delivery'],
  code: string,
  retryAfterSeconds: number | null = null,
): ProviderError {
  const problem = { code, message: 'The cloud said so.', remedy: 'Wait.' };
  return new ProviderError({ class: kind, delivery, problem, retryAfterSeconds });
}
