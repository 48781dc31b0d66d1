import { createHash } from 'node:crypto';
import {
  DEFAULT_WINDOW,
  itemOutcomeNames,
  type BatchCounts,
  type BatchInput,
  type BatchView,
} from '../../contracts/batches.ts';
import type { Actor } from '../../contracts/actor.ts';
import { iso } from '../../contracts/time.ts';
import { readableId } from '../../platform/readable-id.ts';
import type { Static } from 'typebox';
import { connectionSetup } from '../connections/setup.ts';
import type { MethodOption } from '../connections/provider-catalog.ts';
import { digestRequest, isSameRequest } from '../connections/start-connection.ts';
import type { AppDependencies } from '../http/app-types.ts';
import { ApiProblem, apiProblems } from '../http/problem.ts';
import type { FoundBatch } from './gateway.ts';
import type { CreateBody } from './schema.ts';

/** A StackSet also reaches accounts that join later: they can be added for so long. */
const OPEN_SECONDS = 90 * 24 * 3600;
/** Batches of one tenant that have not ended. */
const MOST_BATCHES = 100;

export interface CreateRequest {
  readonly tenant: string;
  readonly by: Actor;
  readonly option: MethodOption;
  readonly body: Static<typeof CreateBody>;
  readonly idempotencyKey: string | undefined;
}

/** Creates a batch without items, or returns the one that the same request created before. Throws `ApiProblem`. */
export async function createBatch(
  deps: Pick<AppDependencies, 'batches' | 'clock' | 'config' | 'ephemeral' | 'keyRing' | 'quotas' | 'randomBytes'>,
  { tenant, by, option, body, idempotencyKey: key }: CreateRequest,
): Promise<FoundBatch & { readonly created: boolean }> {
  const { batches, keyRing, quotas, randomBytes, config } = deps;
  const { intervalSeconds, concurrency } = config.discovery;
  const { manifest, region, method } = option;
  const input: BatchInput = {
    id: readableId('bat_', key === undefined ? randomBytes(17) : hashOf(tenant, key)),
    tenant,
    provider: manifest.id,
    region: region.manifest.id,
    method: method.id,
    name: body.name ?? null,
    terms: {
      tags: body.tags ?? [],
      setup: await connectionSetup(deps, option),
      discovery: method.discovers ? { intervalSeconds, concurrency } : null,
      deadlineSeconds: body.deadlineSeconds ?? null,
      mostConnections: (await quotas.limits(tenant)).connections,
      by,
    },
    window: body.concurrency ?? DEFAULT_WINDOW,
    openSeconds: OPEN_SECONDS,
  };
  const { terms } = input;
  const open = JSON.stringify([
    tenant,
    input.provider,
    input.region,
    input.method,
    input.name,
    terms.tags,
    input.window,
    terms.deadlineSeconds,
  ]);
  const canonical = { open, secret: null };
  const before = key === undefined ? undefined : await batches.view(tenant, input.id).catch(ifNotFound);
  if (!before) await assertMayHaveMore(deps, tenant);
  const digest = digestRequest(keyRing, canonical);
  const found = before
    ? { created: false, ...before }
    : await batches.start(input, initialView(input, deps.clock.now()), digest);
  const isSame = found.digest === undefined || isSameRequest(keyRing, found.digest, canonical);
  if (!found.created && isSame === false) throw apiProblems.idempotencyKeyReused();
  return found;
}

/** The same tenant and key always give the same id, so that a repeated request cannot create a second batch. */
const hashOf = (tenant: string, key: string): Buffer => createHash('sha256').update(`batch|${tenant}|${key}`).digest();

function ifNotFound(error: unknown): undefined {
  if (!(error instanceof ApiProblem) || error.code !== 'batch_not_found') throw error;
}

async function assertMayHaveMore({ batches }: Pick<AppDependencies, 'batches'>, tenant: string): Promise<void> {
  if ((await batches.count(tenant)) < MOST_BATCHES) return;
  throw new ApiProblem({
    status: 403,
    code: 'quota_exceeded',
    message: `The tenant has ${MOST_BATCHES} batches that have not ended, which is the most that it may have.`,
    remedy: 'Cancel those that need no further items: POST /v1/batches/{id}/cancel.',
  });
}

/** The view before any worker has run: in the memo, so that the batch can be read at once. */
function initialView(input: BatchInput, nowMs: number): BatchView {
  const { terms, openSeconds, ...batch } = input;
  const at = iso(nowMs);
  return {
    ...batch,
    tags: terms.tags,
    status: 'open',
    items: 0,
    counts: Object.fromEntries(itemOutcomeNames.map((name) => [name, 0])) as BatchCounts,
    setup: terms.setup,
    createdAt: at,
    updatedAt: at,
    closesAt: iso(nowMs + openSeconds * 1000),
  };
}
