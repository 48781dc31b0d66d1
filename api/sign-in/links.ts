import { Type, type Static } from 'typebox';
import { iso } from '../../contracts/time.ts';
import type { Clock } from '../../platform/clock.ts';
import type { KeyRing } from '../../platform/key-ring.ts';
import { asGenerated } from './passcode.ts';
import { createSignedTokens, type Verified } from './signed-token.ts';

const InvitationClaims = Type.Object({
  /** Connection. */
  c: Type.String(),
  /** Epoch of the invitation. */
  e: Type.Integer(),
  /** Keyed digest of the passcode, so that someone who has only the link cannot guess it. */
  p: Type.Optional(Type.String()),
});
export type InvitationClaims = Static<typeof InvitationClaims>;

export interface InvitationLinks {
  /** The link for one epoch of a connection's invitation. */
  url(invitation: {
    readonly connection: string;
    readonly epoch: number;
    readonly expiresAt: string;
    readonly passcode: string | undefined;
  }): Promise<string>;
  /** The same link again, made from its claims, because the passcode itself is not stored. */
  again(claims: InvitationClaims, expiresAt: string): Promise<string>;
  open(token: string): Promise<Verified<InvitationClaims>>;
  /** True when the claims ask for no passcode, or for this one. */
  admits(claims: InvitationClaims, passcode: string): boolean;
}

export function createInvitationLinks(deps: {
  readonly keyRing: KeyRing;
  readonly clock: Clock;
  readonly publicUrl: string;
}): InvitationLinks {
  const { keyRing, clock, publicUrl } = deps;
  const tokens = createSignedTokens({
    keyRing,
    purpose: 'invitation',
    type: 'mooring-invitation+jwt',
    clock,
    claims: InvitationClaims,
  });
  const bound = (connection: string, epoch: number, passcode: string): string => `${connection}|${epoch}|${passcode}`;
  const again = async (claims: InvitationClaims, expiresAt: string): Promise<string> =>
    `${publicUrl}/connect/${await tokens.sign(claims, expiresAt)}`;
  return {
    async url({ connection, epoch, expiresAt, passcode }) {
      const p = passcode === undefined ? {} : { p: keyRing.digest('invitation', bound(connection, epoch, passcode)) };
      return await again({ c: connection, e: epoch, ...p }, expiresAt);
    },
    again,
    open: (token) => tokens.verify(token),
    admits: ({ c, e, p }, passcode) =>
      p === undefined ||
      [passcode, asGenerated(passcode)].some((text) => keyRing.matches('invitation', bound(c, e, text), p)),
  };
}

const LIFE_MS = 30 * 24 * 3600 * 1000;

const ResultClaims = Type.Object({
  c: Type.String(),
  e: Type.Integer(),
  /** Digest of the browser's cookie: only that browser may open the page. */
  b: Type.String(),
  /**
   * `updatedAt` of the connection before this sign-in. Until it changes, the workflow has not processed the sign-in.
   */
  u: Type.Optional(Type.String()),
  /** The digest of the link's passcode, if it had one. Needed to make the same link again. */
  p: Type.Optional(Type.String()),
  /** The error (RFC 6749, 4.1.2.1) that the cloud sent instead of a code, e.g. because the customer declined. */
  d: Type.Optional(Type.String({ pattern: '^[a-z_]{1,64}$' })),
});
export type ResultClaims = Static<typeof ResultClaims>;

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
    claims: ResultClaims,
  });
  return {
    async path(claims) {
      return `/result/${await tokens.sign(claims, iso(clock.now() + LIFE_MS))}`;
    },
    async open(token) {
      const verified = await tokens.verify(token);
      return verified.outcome === 'valid' ? verified.claims : undefined;
    },
  };
}
