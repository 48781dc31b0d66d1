import type { FastifyRequest } from 'fastify';
import type { ConnectionView } from '../../contracts/connection.ts';
import { ApiProblem } from '../http/problem.ts';
import { foundResources, type Found } from './found-resources.ts';
import { progressOf, type Progress } from './progress.ts';
import type { ResultClaims } from './result-link.ts';
import type { SignInDependencies } from './sign-in-dependencies.ts';

/** A result as its own browser may see it. */
export interface SeenResult {
  readonly view: ConnectionView;
  readonly progress: Progress;
  readonly found: Found | null;
  /** Where it can be tried again, or what was submitted be corrected; null where there is nothing to. */
  readonly again: string | null;
}

/** Opens a result's link. Throws `ApiProblem` for another browser, and for what is no result. */
export async function seenResult(
  deps: SignInDependencies,
  request: FastifyRequest,
  token: string,
): Promise<SeenResult> {
  const { connections, results, browser, inventory } = deps;
  const claims = await results.open(token);
  const sighting = claims && (await connections.viewForLink(claims.c));
  if (!sighting) {
    throw new ApiProblem({
      status: 404,
      code: 'result_unknown',
      message: 'There is no such result, or it is too old to be shown.',
      remedy: 'Ask whoever sent the invitation how the connection is.',
    });
  }
  if (!browser.matches(request, claims.b)) {
    throw new ApiProblem({
      status: 403,
      code: 'other_browser',
      message: 'This result is shown only in the browser that signed in.',
      remedy: 'Open it there, or ask whoever sent the invitation.',
    });
  }
  const { view, verification } = sighting;
  const progress = progressOf(claims, view, verification);
  return {
    view,
    progress,
    found: progress.tone === 'good' ? await foundResources(inventory, view) : null,
    again: await linkAgain(deps, claims, view, progress),
  };
}

/** The link that led here, as long as it is open: after a failure, and while something that was typed is being tried. */
async function linkAgain(
  { links, providers }: SignInDependencies,
  { c, e, p }: ResultClaims,
  { invitation, provider, region, method }: ConnectionView,
  { tone, waiting }: Progress,
): Promise<string | null> {
  if (invitation?.epoch !== e || (invitation.passcodeRequired && p === undefined)) return null;
  const isForm = providers.find(provider, region, method)?.method.flow === 'form';
  if (tone !== 'bad' && !(waiting && isForm)) return null;
  return await links.again({ c, e, ...(p === undefined ? {} : { p }) }, invitation.expiresAt);
}
