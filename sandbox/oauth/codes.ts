import { createHash } from 'node:crypto';
import { secondsFrom, type OAuthContext } from './settings.ts';
import { refuse, type Refusal } from './errors.ts';
import { type Grants, type TokenPair, type Grant, createIssued } from './grants.ts';

/** What an authorization request was granted for; the token request must repeat it to the letter. */
export interface CodeTerms {
  readonly region: string;
  readonly clientId: string;
  readonly account: string;
  readonly scope: string;
  readonly redirectUri: string;
  readonly challenge: string | null;
  /** Left out: what is granted can be refreshed. */
  readonly renewable?: boolean;
}

interface Code extends CodeTerms {
  readonly code: string;
  readonly expiresAtMs: number;
  /** The grant it was redeemed for. */
  readonly grantId: string | null;
}

export interface TokenRequest {
  readonly region: string;
  readonly clientId: string;
  readonly code: string;
  readonly redirectUri: string;
  readonly verifier: string | null;
}

export interface Codes {
  mint(terms: CodeTerms): string;
  redeem(request: TokenRequest): { grant: Grant; tokens: TokenPair } | Refusal;
  /** The code that a grant was given for; undefined for an application that acts for itself. */
  of(grant: Grant): string | undefined;
}

export function createCodes(context: OAuthContext, grants: Grants): Codes {
  const { cloud, tables, clock, random, settings, counters } = context;
  const codes = tables.table<Code>(`${cloud}.codes`);
  const issued = createIssued(context);

  return {
    mint(terms) {
      const code = `${cloud}-ac-${random(24)}`;
      const expiresAtMs = secondsFrom(context, settings().codeLifetimeSeconds);
      codes.put(code, { ...terms, code, expiresAtMs, grantId: null });
      issued.add('code', code);
      return code;
    },

    redeem(request) {
      if (request.verifier !== null) issued.add('verifier', request.verifier);
      const found = codes.get(request.code);
      if (!found || found.clientId !== request.clientId || found.region !== request.region) {
        return refuse('invalid_grant', 'The authorization code is unknown', 'code_unknown');
      }
      if (found.grantId !== null) {
        // RFC 6749, 4.1.2: a second use may mean a stolen code, so the tokens of the first use are revoked too.
        counters.add('codesRedeemedTwice');
        grants.revokeGrant(found.grantId);
        return refuse('invalid_grant', 'The authorization code was already used; what it gave is revoked', 'code_used');
      }
      if (found.expiresAtMs <= clock.now())
        return refuse('invalid_grant', 'The authorization code has expired', 'code_expired');
      if (found.redirectUri !== request.redirectUri) {
        return refuse('invalid_grant', 'redirect_uri is not the one of the authorization request', 'redirect_uri');
      }
      if (found.challenge !== null && !verifies(request.verifier ?? '', found.challenge)) {
        return refuse('invalid_grant', 'code_verifier does not match the code_challenge', 'verifier');
      }
      // RFC 9700, 2.1.1: a verifier without a challenge is an attempt to avoid PKCE.
      if (found.challenge === null && request.verifier !== null) {
        return refuse('invalid_grant', 'code_verifier was given, but no code_challenge', 'verifier');
      }
      const { region, clientId, account, scope, renewable = true } = found;
      const opened = grants.open({ region, clientId, account, scope }, { renewable });
      codes.put(found.code, { ...found, grantId: opened.grant.id });
      counters.add('codesRedeemed');
      return opened;
    },

    of: ({ id }) => [...codes.values()].find(({ grantId }) => grantId === id)?.code,
  };
}

/** BASE64URL(SHA-256) is 43 characters, no padding (RFC 7636, 4.2). */
export const isChallenge = (text: string): boolean => /^[A-Za-z0-9_-]{43}$/.test(text);

/** 43 to 128 unreserved characters (RFC 7636, 4.1), and the challenge is made from them (4.6). */
function verifies(verifier: string, challenge: string): boolean {
  return (
    /^[A-Za-z0-9._~-]{43,128}$/.test(verifier) &&
    createHash('sha256').update(verifier).digest('base64url') === challenge
  );
}
