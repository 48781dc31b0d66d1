import { Type, type Static } from 'typebox';

import { maybe } from '../../platform/schema.ts';
import type { JsonObject } from '../../platform/json.ts';
import { Secret } from '../../platform/secret.ts';
import type { RevocationOutcome } from '../../contracts/connection.ts';
import type { Problem } from '../../contracts/problem.ts';
import { CallError } from '../http/call-error.ts';
import type { OAuthClient, OAuthTokens } from './oauth.ts';
import type { IssuedCredential } from '../provider.ts';

/** What every sign-in keeps; `expires_at` is in unix seconds. */
export const SignInRecordSchema = Type.Object({
  access_token: Type.Optional(Type.String({ minLength: 1 })),
  refresh_token: Type.Optional(Type.String({ minLength: 1 })),
  expires_at: maybe(Type.Number()),
});
export type SignInRecord = Static<typeof SignInRecordSchema>;

/** What counts where a reply leaves it out (RFC 6749, 5.1), and whose tokens they are. */
export interface Terms {
  readonly clientId: string;
  readonly ttlSeconds: number;
  readonly scopes: readonly string[];
}

/** The tokens of a reply. Where no new refresh token comes, the old one stays in the record and stays good (6). */
export const issued = (tokens: OAuthTokens, terms: Terms): Omit<IssuedCredential, 'renewable'> => ({
  fields: new Secret<JsonObject>({
    access_token: tokens.accessToken.reveal(),
    ...(tokens.refreshToken && { refresh_token: tokens.refreshToken.reveal() }),
    client_id: terms.clientId,
  }),
  ttlSeconds: tokens.ttlSeconds ?? terms.ttlSeconds,
  scopes: tokens.scopes ?? terms.scopes,
  warnings: [],
});

/**
 * Keeps the refresh token of a reply that has no access token: the one that was sent may be spent, so this is the one
 * to go on with. It is kept beside the old access token, for as long as that one still lives. Throws any other error
 * again.
 */
export function recoveredRefreshToken(
  error: unknown,
  kept: { expiresAtSeconds: number | null | undefined; nowMs: number; scopes: readonly string[]; warning: Problem },
): IssuedCredential {
  const failure = error instanceof CallError ? error.failure : undefined;
  if (failure?.kind !== 'no_access_token' || failure.refreshToken === null) throw error;
  return {
    fields: new Secret<JsonObject>({ refresh_token: failure.refreshToken.reveal() }),
    ttlSeconds: Math.max(0, Math.floor((kept.expiresAtSeconds ?? 0) - kept.nowMs / 1000)),
    renewable: true,
    scopes: kept.scopes,
    warnings: [kept.warning],
  };
}

/** RFC 7009. The refresh token first: were we cut off in between, what is left dies by itself. */
export async function revokeTokens(
  oauth: OAuthClient,
  stored: SignInRecord,
  signal: AbortSignal,
): Promise<RevocationOutcome> {
  const revoked: string[] = [];
  for (const kind of ['refresh_token', 'access_token'] as const) {
    if (stored[kind] === undefined) continue;
    await oauth.revoke(new Secret(stored[kind]), kind, signal);
    revoked.push(kind);
  }
  return revoked.length > 0 ? { outcome: 'revoked', revoked } : { outcome: 'nothing_to_revoke' };
}
