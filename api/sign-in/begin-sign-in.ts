import type { FastifyReply, FastifyRequest } from 'fastify';
import { calculatePKCECodeChallenge } from 'oauth4webapi';
import type { ConnectionView } from '../../contracts/connection.ts';
import { scopesFor } from '../../providers/manifests/settings.ts';
import { ephemeralKeys } from '../../stores/ephemeral/keys.ts';
import type { EphemeralStore } from '../../stores/ephemeral/port.ts';
import type { RedirectOption } from '../connections/provider-catalog.ts';
import { apiProblems } from '../http/problem.ts';
import type { SignInDependencies } from './dependencies.ts';
import type { InvitationClaims } from './links.ts';
import type { SignIn } from './oauth-state.ts';

const SIGN_INS = 60;
const SIGN_IN_WINDOW_SECONDS = 600;

/** Each started sign-in is kept for ten minutes, so one link must not start any number of them. */
export async function countSignIn(ephemeral: EphemeralStore, connection: string): Promise<void> {
  const key = ephemeralKeys.rateLimit(`sign-in:${connection}`);
  const { count, resetSeconds } = await ephemeral.increment(key, SIGN_IN_WINDOW_SECONDS);
  if (count > SIGN_INS) throw apiProblems.tooManyRequests('Too many sign-ins were begun with this link.', resetSeconds);
}

/** The sign-in to start. With `platform`, only that platform's `complete` can finish it. */
export interface BegunSignIn extends Pick<SignIn, 'platform'> {
  readonly claims: InvitationClaims;
  readonly view: ConnectionView;
  readonly option: RedirectOption;
}

/** Creates state, PKCE verifier and browser cookie of a sign-in. Returns the URL of the cloud's sign-in page. */
export async function beginSignIn(
  { states, browser, randomBytes }: Pick<SignInDependencies, 'states' | 'browser' | 'randomBytes'>,
  request: FastifyRequest,
  reply: FastifyReply,
  { claims, view, option, ...bound }: BegunSignIn,
): Promise<string> {
  const verifier = mintVerifier(randomBytes);
  const { provider, region, method, tenant, id: connection } = view;
  const state = await states.mint({
    provider,
    region,
    method,
    tenant,
    connection,
    epoch: claims.e,
    redirectUri: option.redirectUri,
    browserHash: browser.ensure(request, reply),
    verifier,
    ...bound,
  });
  return await authorizeUrl(option, state, verifier);
}

/** The issuer by which RFC 9207's `iss` is checked: as the manifest names it, else the origin of the sign-in page. */
export function issuerOf(option: RedirectOption): string {
  return option.region.urls['issuer'] ?? new URL(authorizeEndpoint(option)).origin;
}

/** Where the browser is sent to sign in (RFC 6749, 4.1.1, with RFC 7636). `verifier` stays here; its digest goes. */
export async function authorizeUrl(option: RedirectOption, state: string, verifier: string): Promise<string> {
  const { method, region, redirectUri } = option;
  const url = new URL(authorizeEndpoint(option));
  const parameters = {
    ...method.authorizeParameters,
    client_id: region.values['clientId'] ?? '',
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: scopesFor(region, method).join(' '),
    state,
    code_challenge: await calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  };
  // The endpoint may have parameters of its own, which stay (RFC 6749, 3.1).
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

/** 64 random bytes: 86 characters of the verifier's alphabet (RFC 7636, 4.1 allows 43 to 128). */
export const mintVerifier = (randomBytes: (size: number) => Buffer): string => randomBytes(64).toString('base64url');

export function authorizeEndpoint({ region: { urls } }: RedirectOption): string {
  const endpoint = urls['authorize'];
  if (endpoint === undefined) throw new TypeError('A redirect method needs a URL of the role "authorize".');
  return endpoint;
}
