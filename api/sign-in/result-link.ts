import { Type, type Static } from 'typebox';
import { isoAt, type Clock } from '../../platform/clock.ts';
import type { KeyRing } from '../../platform/key-ring.ts';
import { createSignedTokens } from './signed-token.ts';

const LIFE_MS = 30 * 24 * 3600 * 1000;

const Claims = Type.Object({
  c: Type.String(),
  e: Type.Integer(),
  /** Digest of the browser's cookie: the page is for that browser alone. */
  b: Type.String(),
  /** `updatedAt` of the connection before this sign-in arrived: until it moves, the sign-in has not been looked at. */
  u: Type.Optional(Type.String()),
  /** The digest of the passcode, where the link had one: what its address is made of, to try again. */
  p: Type.Optional(Type.String()),
  /** The error (RFC 6749, 4.1.2.1) that the cloud sent instead of a code, e.g. because the customer declined. */
  d: Type.Optional(Type.String({ pattern: '^[a-z_]{1,64}$' })),
});
export type ResultClaims = Static<typeof Claims>;

export interface ResultLinks {
  /** A path on our own origin. */
  path(claims: ResultClaims): Promise<string>;
  /** Undefined for a token that is not ours, or too old. */
  open(token: string): Promise<ResultClaims | undefined>;
}

export function createResultLinks({
  keyRing,
  clock,
}: {
  readonly keyRing: KeyRing;
  readonly clock: Clock;
}): ResultLinks {
  const tokens = createSignedTokens({
    keyRing,
    purpose: 'browser',
    type: 'mooring-result+jwt',
    clock,
    claims: Claims,
  });
  return {
    async path(claims) {
      return `/result/${await tokens.sign(claims, isoAt(clock.now() + LIFE_MS))}`;
    },
    async open(token) {
      const verified = await tokens.verify(token);
      return verified.outcome === 'valid' ? verified.claims : undefined;
    },
  };
}
