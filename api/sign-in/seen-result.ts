import type { FastifyRequest } from 'fastify';
import type { ConnectionView } from '../../contracts/connection.ts';
import { audited } from '../http/plugins/audit.ts';
import { principalOfLink } from '../http/principal.ts';
import { ApiProblem } from '../http/problem.ts';
import type { SignInDependencies } from './dependencies.ts';
import { foundResources, type Found } from './found.ts';
import type { ResultClaims } from './links.ts';
import { progressOf, type Progress } from './progress.ts';

/** A result, as the browser that signed in may see it. */
export interface SeenResult {
  readonly view: ConnectionView;
  readonly progress: Progress;
  readonly found: Found | null;
  /** The link to try again or to correct what was submitted. Null when there is none. */
  readonly again: string | null;
}

/** Opens the link of a result. Throws `ApiProblem` for another browser and for an invalid link. */
export async function seenResult(
  deps: SignInDependencies,
  request: FastifyRequest,
  token: string,
): Promise<SeenResult> {
  const { connections, results, browser } = deps;
  const claims = await results.open(token);
  const connection = claims && (await connections.viewForLink(claims.c));
  if (!connection) {
    throw new ApiProblem({
      status: 404,
      code: 'result_unknown',
      message: 'There is no such result, or it is too old to be shown.',
      remedy: 'Ask the person who sent the invitation how the connection is.',
    });
  }
  const { id, tenant } = connection.view;
  request.principal = principalOfLink({ tenant, connection: id, epoch: claims.e }, request.ip);
  audited(request, { connection: id });
  if (!browser.matches(request, claims.b)) {
    throw new ApiProblem({
      status: 403,
      code: 'other_browser',
      message: 'This result is shown only in the browser that signed in.',
      remedy: 'Open it there, or ask the person who sent the invitation.',
    });
  }
  const { view, verification } = connection;
  const progress = progressOf(claims, view, verification);
  return {
    view,
    progress,
    found: progress.tone === 'good' ? await foundResources(deps, view) : null,
    again: await linkAgain(deps, claims, view, progress),
  };
}

/** The invitation link, if it is still open: after a failure, and while submitted values are being tried. */
async function linkAgain(
  { links, providers }: SignInDependencies,
  { c, e, p }: ResultClaims,
  { invitation, provider, region, method }: ConnectionView,
  { tone, waiting }: Progress,
): Promise<string | null> {
  if (invitation?.epoch !== e || invitation.locked) return null;
  if (invitation.passcodeRequired && p === undefined) return null;
  const isForm = providers.find(provider, region, method)?.method.flow === 'form';
  if (tone !== 'bad' && !(waiting && isForm)) return null;
  return await links.again({ c, e, ...(p === undefined ? {} : { p }) }, invitation.expiresAt);
}
