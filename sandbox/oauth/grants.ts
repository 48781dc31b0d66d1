import { secondsFrom, type OAuthContext } from './settings.ts';
import { refuse, type Refusal } from './errors.ts';

/** One account's grant to one application: all tokens of a sign-in belong to it. */
export interface Grant {
  readonly id: string;
  readonly region: string;
  readonly clientId: string;
  /** Null for an application that acts for itself. */
  readonly account: string | null;
  readonly scope: string;
  readonly revokedAtMs: number | null;
  /** Each time that a refresh token of it came back after it was spent; left out: it never did. */
  readonly spentAgainAtMs?: readonly number[];
  /** Of its newest access token. */
  readonly accessExpiresAtMs: number;
}

interface AccessToken {
  readonly token: string;
  readonly grantId: string;
  readonly expiresAtMs: number;
}

interface RefreshToken {
  readonly token: string;
  readonly grantId: string;
  readonly expiresAtMs: number | null;
  /** Set once it has been exchanged for its successor. */
  readonly spent: { readonly atMs: number; readonly successor: TokenPair } | null;
}

export interface TokenPair {
  readonly accessToken: string;
  readonly accessExpiresAtMs: number;
  readonly refreshToken: string | null;
}

export type BearerState =
  { readonly state: 'valid'; readonly grant: Grant } | { readonly state: 'expired' } | { readonly state: 'unknown' };

export interface Grants {
  open(
    of: Omit<Grant, 'id' | 'revokedAtMs' | 'spentAgainAtMs' | 'accessExpiresAtMs'>,
    options: { renewable: boolean },
  ): { grant: Grant; tokens: TokenPair };
  /**
   * Spends a refresh token (RFC 6749, 6); one that comes back after it was spent revokes its grant (RFC 9700, 4.14.2).
   */
  spend(token: string, by: { clientId: string; region: string }): { grant: Grant; tokens: TokenPair } | Refusal;
  revokeGrant(id: string): boolean;
  /** RFC 7009, 2.1: a refresh token takes its grant with it, an access token only itself. False where unknown. */
  revokeToken(token: string): boolean;
  /** What a user does in the customer's control panel: withdraws everything an account granted. Answers how many. */
  revokeAccount(account: string, region: string | null): number;
  bearer(token: string): BearerState;
  /** The grant that a token of either kind belongs to, as it stands; undefined where the token is unknown. */
  of(token: string): Grant | undefined;
  list(): readonly Grant[];
}

export function createGrants(context: OAuthContext): Grants {
  const { cloud, tables, clock, random, settings, counters } = context;
  const grants = tables.table<Grant>(`${cloud}.grants`);
  const accessTokens = tables.table<AccessToken>(`${cloud}.accessTokens`);
  const refreshTokens = tables.table<RefreshToken>(`${cloud}.refreshTokens`);
  const issued = createIssued(context);

  function issue(grant: Grant, renewable: boolean): TokenPair {
    forgetOldAccessTokens();
    const access: AccessToken = {
      token: `${cloud}-at-${random(24)}`,
      grantId: grant.id,
      expiresAtMs: secondsFrom(context, settings().accessTokenLifetimeSeconds),
    };
    accessTokens.put(access.token, access);
    grants.put(grant.id, { ...grant, accessExpiresAtMs: access.expiresAtMs });
    issued.add('accessToken', access.token);
    counters.add('accessTokensIssued');
    return {
      accessToken: access.token,
      accessExpiresAtMs: access.expiresAtMs,
      refreshToken: renewable ? issueRefreshToken(grant) : null,
    };
  }

  /** An expired token is kept for a day, because "expired" and "unknown" have different answers. */
  function forgetOldAccessTokens(): void {
    for (const { token, expiresAtMs } of accessTokens.values()) {
      if (expiresAtMs + 86_400_000 > clock.now()) return;
      accessTokens.delete(token);
    }
  }

  function issueRefreshToken(grant: Grant): string {
    const token = `${cloud}-rt-${random(32)}`;
    const lifetime = settings().refreshTokenLifetimeSeconds;
    const expiresAtMs = lifetime === null ? null : secondsFrom(context, lifetime);
    refreshTokens.put(token, { token, grantId: grant.id, expiresAtMs, spent: null });
    issued.add('refreshToken', token);
    counters.add('refreshTokensIssued');
    return token;
  }

  function revokeGrant(id: string): boolean {
    const grant = grants.get(id);
    if (!grant || grant.revokedAtMs !== null) return false;
    grants.put(id, { ...grant, revokedAtMs: clock.now() });
    counters.add('grantsRevoked');
    return true;
  }

  function spendAgain(found: RefreshToken, grant: Grant): { grant: Grant; tokens: TokenPair } | Refusal {
    counters.add('refreshTokensSpentTwice');
    grants.put(grant.id, { ...grant, spentAgainAtMs: [...(grant.spentAgainAtMs ?? []), clock.now()] });
    const { spent } = found;
    if (settings().spentTokensStayGood && grant.revokedAtMs === null) return { grant, tokens: issue(grant, true) };
    const successor = spent?.successor.refreshToken;
    const inGrace = spent !== null && clock.now() < spent.atMs + settings().rotationGraceSeconds * 1000;
    if (spent && inGrace && grant.revokedAtMs === null && successor && !refreshTokens.get(successor)?.spent) {
      counters.add('rotationsAnsweredAgain');
      return { grant, tokens: spent.successor };
    }
    revokeGrant(grant.id);
    return refuse('invalid_grant', 'The refresh token was already used; the grant is revoked', 'grant_revoked');
  }

  return {
    open(of, { renewable }) {
      const grant: Grant = { ...of, id: random(12), revokedAtMs: null, accessExpiresAtMs: 0 };
      return { grant, tokens: issue(grant, renewable && !settings().omitRefreshToken) };
    },

    spend(token, by) {
      const found = refreshTokens.get(token);
      const grant = found && grants.get(found.grantId);
      if (!found || !grant || grant.clientId !== by.clientId || grant.region !== by.region) {
        return refuse('invalid_grant', 'The refresh token is unknown', 'token_unknown');
      }
      if (found.spent) return spendAgain(found, grant);
      if (grant.revokedAtMs !== null) return refuse('invalid_grant', 'The grant was revoked', 'grant_revoked');
      if (found.expiresAtMs !== null && found.expiresAtMs <= clock.now()) {
        return refuse('invalid_grant', 'The refresh token has expired', 'token_expired');
      }
      if (grant.accessExpiresAtMs <= clock.now()) counters.add('refreshedAfterExpiry');
      const rotates = settings().rotateRefreshTokens && !settings().omitRefreshToken;
      const tokens = issue(grant, rotates);
      if (rotates) {
        refreshTokens.put(token, { ...found, spent: { atMs: clock.now(), successor: tokens } });
        counters.add('refreshTokensSpent');
      }
      return { grant, tokens };
    },

    revokeGrant,

    revokeToken(token) {
      const refresh = refreshTokens.get(token);
      if (!refresh && !accessTokens.get(token)) return false;
      counters.add('revocations');
      if (refresh) revokeGrant(refresh.grantId);
      else accessTokens.delete(token);
      return true;
    },

    revokeAccount(account, region) {
      const theirs = [...grants.values()].filter(
        (grant) => grant.account === account && (region === null || grant.region === region),
      );
      return theirs.filter((grant) => revokeGrant(grant.id)).length;
    },

    bearer(token) {
      const found = accessTokens.get(token);
      const grant = found && grants.get(found.grantId);
      if (!found || !grant || grant.revokedAtMs !== null) return { state: 'unknown' };
      return found.expiresAtMs <= clock.now() ? { state: 'expired' } : { state: 'valid', grant };
    },

    of: (token) => grants.get((refreshTokens.get(token) ?? accessTokens.get(token))?.grantId ?? ''),

    list: () => [...grants.values()],
  };
}

const kinds = ['accessToken', 'refreshToken', 'code', 'verifier'] as const;
type IssuedKind = (typeof kinds)[number];

export interface Issued {
  add(kind: IssuedKind, value: string): void;
  /** Also what is spent, expired or revoked. */
  list(): Record<IssuedKind, string[]>;
}

/**
 * Every secret that passed through one authorization server. Tests search logs, histories and stores for them: they may
 * be in the secret store only.
 */
export function createIssued({ cloud, tables }: Pick<OAuthContext, 'cloud' | 'tables'>): Issued {
  const rows = tables.table<{ kind: IssuedKind; value: string }>(`${cloud}.issued`);
  return {
    add: (kind, value) => rows.put(`${kind} ${value}`, { kind, value }),
    list() {
      const all = [...rows.values()];
      const ofKind = (kind: IssuedKind) => all.filter((row) => row.kind === kind).map(({ value }) => value);
      return Object.fromEntries(kinds.map((kind) => [kind, ofKind(kind)])) as Record<IssuedKind, string[]>;
    },
  };
}
