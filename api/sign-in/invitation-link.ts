import { Type, type Static } from 'typebox';
import type { Clock } from '../../platform/clock.ts';
import type { KeyRing } from '../../platform/key-ring.ts';
import { createSignedTokens, type Verified } from './signed-token.ts';

const Claims = Type.Object({
  /** Connection. */
  c: Type.String(),
  /** Epoch of the invitation. */
  e: Type.Integer(),
  /** Keyed digest of the passcode: without the key ring it can't be guessed at, though the link is in foreign hands. */
  p: Type.Optional(Type.String()),
});
export type InvitationClaims = Static<typeof Claims>;

export interface InvitationLinks {
  /** The link for one epoch of a connection's invitation. */
  url(invitation: {
    readonly connection: string;
    readonly epoch: number;
    readonly expiresAt: string;
    readonly passcode: string | undefined;
  }): Promise<string>;
  /** The same link once more, of what was read from it: the passcode itself is not known any more. */
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
    claims: Claims,
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
    admits: ({ c, e, p }, passcode) => p === undefined || keyRing.matches('invitation', bound(c, e, passcode), p),
  };
}
