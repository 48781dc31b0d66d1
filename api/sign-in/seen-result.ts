import type { FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import { customerOf } from '../../contracts/actor.ts';
import type { ConnectionView } from '../../contracts/connection.ts';
import { EphemeralStoreUnavailable } from '../../stores/ephemeral/port.ts';
import type { Inventory } from '../../stores/inventory/port.ts';
import { audited } from '../http/plugins/audit.ts';
import { ApiProblem } from '../http/problem.ts';
import type { SignInDependencies } from './dependencies.ts';
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
  const { connections, results, browser, inventory } = deps;
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
  audited(request, { tenant, connection: id, actor: customerOf(id, claims.e) });
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
    found: progress.tone === 'good' ? await foundResources(inventory, view) : null,
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

/** The page shows at most this many rows, and the number of the others. */
const SHOWN = 100;

export const FoundSchema = Type.Object(
  {
    listing: Type.Boolean({ description: 'Still being listed: there will be more.' }),
    resources: Type.Integer(),
    kinds: Type.Array(
      Type.Object({
        kind: Type.String(),
        resources: Type.Integer(),
        incomplete: Type.Boolean({ description: 'Not everything could be listed.' }),
      }),
    ),
    shown: Type.Array(
      Type.Object({
        kind: Type.String(),
        name: Type.String(),
        region: Type.Union([Type.String(), Type.Null()]),
        status: Type.Union([Type.String(), Type.Null()]),
      }),
      { description: 'The first of them.' },
    ),
  },
  { description: 'What was found in the account so far.' },
);
export type Found = Static<typeof FoundSchema>;

/**
 * The resources found in the account, for the person who connected it. Null when this method discovers nothing, or when
 * the store does not answer; the result of the sign-in is shown in any case.
 */
async function foundResources(
  inventory: Pick<Inventory, 'page' | 'partitions'>,
  { id, discovery }: ConnectionView,
): Promise<Found | null> {
  if (!discovery) return null;
  try {
    const partitions = await inventory.partitions(id);
    const { rows } = await inventory.page(id, {}, null, SHOWN);
    const kinds = [...Map.groupBy(partitions, ({ kind }) => kind)].map(([kind, all]) => ({
      kind: inWords(kind),
      resources: all.reduce((sum, { resources }) => sum + resources, 0),
      incomplete: all.some(({ stale }) => stale !== null),
    }));
    return {
      // The first discovery begins by itself, a moment after the account is connected.
      listing: discovery.running !== null || discovery.last === null,
      resources: kinds.reduce((sum, { resources }) => sum + resources, 0),
      kinds,
      shown: rows.map(({ kind, name, region, status }) => ({ kind: inWords(kind), name, region, status })),
    };
  } catch (error) {
    if (!(error instanceof EphemeralStoreUnavailable)) throw error;
    return null;
  }
}

/** E.g. `load_balancer` as "load balancer". */
const inWords = (kind: string): string => kind.replaceAll('_', ' ');
