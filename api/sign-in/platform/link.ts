import { Type, type Static } from 'typebox';
import { iso } from '../../../contracts/time.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { KeyRing } from '../../../platform/key-ring.ts';
import type { MethodOption } from '../../connections/provider-catalog.ts';
import { ApiProblem } from '../../http/problem.ts';
import { createSignedTokens, type Verified } from '../signed-token.ts';

/** The platform redirects its user at once. An older link may have been found by another person. */
const LIFE_MS = 15 * 60_000;

const Claims = Type.Object({
  /** Connection and epoch of its invitation, as in every link. */
  c: Type.String(),
  e: Type.Integer(),
  /** Where the browser goes back to: allow-listed when this was signed. */
  r: Type.String(),
  /** Digest of the session key. */
  k: Type.String(),
});
export type PlatformClaims = Static<typeof Claims>;

export interface PlatformSignIn {
  readonly connection: string;
  readonly epoch: number;
  readonly redirectUri: string;
  /** Identifies the session of the platform's user. Chosen by the platform, and not stored. */
  readonly sessionKey: string;
}

/** Links to a sign-in that only the platform can complete, with the same session key. */
export function createPlatformLinks(deps: {
  readonly keyRing: KeyRing;
  readonly clock: Clock;
  readonly publicUrl: string;
}) {
  const { keyRing, clock, publicUrl } = deps;
  const tokens = createSignedTokens({
    keyRing,
    purpose: 'invitation',
    type: 'mooring-platform+jwt',
    clock,
    claims: Claims,
  });
  return {
    async make({ connection, epoch, redirectUri, sessionKey }: PlatformSignIn) {
      const expiresAt = iso(clock.now() + LIFE_MS);
      const k = sessionDigest(keyRing, connection, sessionKey);
      const token = await tokens.sign({ c: connection, e: epoch, r: redirectUri, k }, expiresAt);
      return { url: `${publicUrl}/sign-in/${token}`, expiresAt };
    },
    open: async (token: string): Promise<Verified<PlatformClaims>> => await tokens.verify(token),
  };
}

/** The digest includes the connection: a session may start several sign-ins, and one must not complete another. */
const sessionDigest = (keyRing: KeyRing, connection: string, sessionKey: string): string =>
  keyRing.digest('browser', boundKey(connection, sessionKey));

export const isSession = (keyRing: KeyRing, connection: string, sessionKey: string, digest: string): boolean =>
  keyRing.matches('browser', boundKey(connection, sessionKey), digest);

const boundKey = (connection: string, sessionKey: string): string => `platform|${connection}|${sessionKey}`;

export const platformProblems = {
  noSignIn: ({ manifest, method }: MethodOption) =>
    new ApiProblem({
      status: 422,
      code: 'method_has_no_sign_in',
      message: `The method '${method.id}' of ${manifest.name} takes values, and has no sign-in at the cloud.`,
      remedy:
        'Use a method with the flow "redirect" of GET /v1/providers, or submit the values to POST /v1/connections/{id}/submission.',
    }),
  redirectNotAllowed: () =>
    new ApiProblem({
      status: 422,
      code: 'redirect_uri_not_allowed',
      message: 'This redirect URI is not on the tenant’s list of platform redirect URIs; it is compared to the letter.',
      remedy: 'Use one that is on the list, or have the operator of Mooring add it to the tenant.',
    }),
  unknownCompletion: () =>
    new ApiProblem({
      status: 409,
      code: 'completion_unknown',
      message:
        'There is no sign-in to complete with this handle: it is older than 10 minutes, was completed, or is not yours.',
      remedy: 'Initiate the sign-in again.',
    }),
  otherSession: () =>
    new ApiProblem({
      status: 409,
      code: 'session_mismatch',
      message:
        'The sign-in was begun in another session of the platform. Nothing of it was redeemed, and it was dropped.',
      remedy: 'Initiate a sign-in in this session. If this happens often, somebody has others sign in for them.',
    }),
  notAvailable: (method: string) =>
    new ApiProblem({
      status: 501,
      code: 'method_not_available',
      message: `Credentials of the method '${method}' cannot be validated here: this way of connecting is not available in this version.`,
      remedy: 'Connect by a method that GET /v1/providers lists.',
    }),
} as const;
