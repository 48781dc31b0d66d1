import { createHash } from 'node:crypto';
import type { Actor } from '../../contracts/actor.ts';
import {
  MOST_TARGETS,
  targetOutcomeNames,
  type BulkCounts,
  type BulkDeed,
  type BulkInput,
  type BulkView,
} from '../../contracts/bulk.ts';
import { iso } from '../../contracts/time.ts';
import { readableId } from '../../platform/readable-id.ts';
import { invitationTerms } from '../connections/invitation.ts';
import { digestRequest, isSameRequest } from '../connections/start-connection.ts';
import type { AppDependencies } from '../http/app-types.ts';
import { ApiProblem, apiProblems } from '../http/problem.ts';
import type { FoundJob } from '../temporal/jobs.ts';
import type { CreateRequest, DryRunRequest } from './schema.ts';

/** Jobs of one tenant that have not ended. */
const MOST_JOBS = 10;

type Dependencies = Pick<AppDependencies, 'bulk' | 'clock' | 'connections' | 'keyRing' | 'randomBytes'>;

/** The deed, once the request fits together. Throws `ApiProblem`. */
export function deedOf({ action, filter, connections, tags, lifetimeSeconds }: DryRunRequest): BulkDeed {
  const isEmpty = (tags?.add?.length ?? 0) + (tags?.remove?.length ?? 0) === 0;
  refuseIf([
    [(filter === undefined) === (connections === undefined), 'one of "filter" and "connections" is needed.'],
    [action !== 'tag' && tags !== undefined, '"tags" is for the action "tag" alone.'],
    [action === 'tag' && isEmpty, 'the action "tag" needs "tags" with something to add or to remove.'],
    [
      action !== 'reauthorize' && lifetimeSeconds !== undefined,
      '"lifetimeSeconds" is for the action "reauthorize" alone.',
    ],
  ]);
  switch (action) {
    case 'tag':
      return { action, add: tags?.add ?? [], remove: tags?.remove ?? [] };
    case 'reauthorize': {
      const terms = lifetimeSeconds === undefined ? {} : { lifetimeSeconds };
      return { action, invitation: invitationTerms(terms, false) };
    }
    default:
      return { action };
  }
}

/** What cannot be taken back needs a reason, and the number that a dry run has shown. Throws `ApiProblem`. */
export function assertExplained({ action, reason, expected }: CreateRequest): void {
  const isFinal = action === 'disconnect';
  refuseIf([
    [isFinal && reason === undefined, 'to disconnect, a "reason" is needed.'],
    [
      isFinal && expected === undefined,
      'to disconnect, "expected" is needed: the number that the dry run has answered.',
    ],
  ]);
}

function refuseIf(faults: readonly (readonly [boolean, string])[]): void {
  const found = faults.flatMap(([isFault, sentence]) => (isFault ? [`body: ${sentence}`] : []));
  if (found.length > 0) throw apiProblems.invalidRequest(found);
}

/** The ids of the connections that are meant, as of now. */
export async function targetsOf(
  { connections }: Pick<Dependencies, 'connections'>,
  tenant: string,
  request: DryRunRequest,
): Promise<readonly string[]> {
  const targets = request.connections ?? (await connections.refs(tenant, request.filter ?? {})).map(({ id }) => id);
  if (targets.length > MOST_TARGETS) throw tooMany(targets.length);
  return targets;
}

export interface BulkRequest {
  readonly tenant: string;
  readonly by: Actor;
  readonly deed: BulkDeed;
  readonly body: CreateRequest;
  readonly idempotencyKey: string | undefined;
}

/** Starts a job, or returns the one that the same request started before. Throws `ApiProblem`. */
export async function createBulk(
  deps: Dependencies,
  { tenant, by, deed, body, idempotencyKey: key }: BulkRequest,
): Promise<FoundJob<BulkView> & { readonly created: boolean }> {
  const { bulk, keyRing, randomBytes, clock } = deps;
  const id = readableId('blk_', key === undefined ? randomBytes(17) : hashOf(tenant, key));
  const reason = body.reason ?? null;
  const canonical = {
    open: JSON.stringify([tenant, deed, reason, body.filter ?? null, body.connections ?? null]),
    secret: null,
  };
  // The repeat of a request is answered whatever matches by now.
  const before = key === undefined ? undefined : await bulk.view(tenant, id).catch(ifNotFound);
  if (before) {
    if (isSameRequest(keyRing, before.digest ?? '', canonical) === false) throw apiProblems.idempotencyKeyReused();
    return { created: false, ...before };
  }
  if ((await bulk.count(tenant)) >= MOST_JOBS) throw tooManyJobs();
  const targets = await targetsOf(deps, tenant, body);
  const { expected = targets.length } = body;
  if (expected !== targets.length) throw notAsExpected(expected, targets.length);
  const input: BulkInput = { v: 1, id, tenant, deed, reason, targets, by };
  return await bulk.start(input, firstView(input, iso(clock.now())), digestRequest(keyRing, canonical));
}

/** The same tenant and key always give the same id, so that a repeated request cannot start a second job. */
const hashOf = (tenant: string, key: string): Buffer => createHash('sha256').update(`bulk|${tenant}|${key}`).digest();

function ifNotFound(error: unknown): undefined {
  if (!(error instanceof ApiProblem) || error.code !== 'bulk_not_found') throw error;
}

/** The view before any worker has run: in the memo, so that the job can be read at once. */
function firstView({ id, tenant, deed, reason, by, targets }: BulkInput, at: string): BulkView {
  const none = Object.fromEntries(targetOutcomeNames.map((name) => [name, 0])) as BulkCounts;
  return {
    id,
    tenant,
    action: deed.action,
    reason,
    by,
    status: 'running',
    targets: targets.length,
    counts: { ...none, pending: targets.length },
    createdAt: at,
    updatedAt: at,
  };
}

const tooMany = (count: number): ApiProblem =>
  new ApiProblem({
    status: 422,
    code: 'too_many_connections',
    message: `${count} connections match; one job takes ${MOST_TARGETS}.`,
    remedy: 'Narrow the filter, for example to one provider or one tag.',
  });

const notAsExpected = (expected: number, count: number): ApiProblem =>
  new ApiProblem({
    status: 409,
    code: 'bulk_count_changed',
    message: `${count} connections match, and the request expected ${expected}. Nothing was done.`,
    remedy: 'Look at a new dry run, then send its number.',
  });

const tooManyJobs = (): ApiProblem =>
  new ApiProblem({
    status: 403,
    code: 'quota_exceeded',
    message: `The tenant has ${MOST_JOBS} bulk jobs that have not ended, which is the most that it may have.`,
    remedy: 'Wait until one of them has finished, or cancel it: POST /v1/bulk/{id}/cancel.',
  });
