import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ConnectionView } from '../../contracts/connection.ts';
import type { RedirectWay } from '../connections/provider-catalog.ts';
import { authorizeUrl, mintVerifier } from './authorize-url.ts';
import type { InvitationClaims } from './invitation-link.ts';
import type { SignIn } from './oauth-state.ts';
import type { SignInDependencies } from './sign-in-dependencies.ts';

/** What this sign-in is of; `platform` where only that platform's own `complete` may end it. */
export interface BegunSignIn extends Pick<SignIn, 'platform'> {
  readonly claims: InvitationClaims;
  readonly view: ConnectionView;
  readonly way: RedirectWay;
}

/** Mints what this sign-in is recognised by when it comes back; answers the cloud's own page. */
export async function beginSignIn(
  { states, browser, randomBytes }: Pick<SignInDependencies, 'states' | 'browser' | 'randomBytes'>,
  request: FastifyRequest,
  reply: FastifyReply,
  { claims, view, way, ...bound }: BegunSignIn,
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
    redirectUri: way.redirectUri,
    browserHash: browser.ensure(request, reply),
    verifier,
    ...bound,
  });
  return await authorizeUrl(way, state, verifier);
}
