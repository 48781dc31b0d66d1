import { randomUUID } from 'node:crypto';
import type { Actor } from '../../contracts/actor.ts';
import { ITEMS_IN_A_PART, MOST_ITEMS, type BatchStatus, type BatchView } from '../../contracts/batches.ts';
import { createBatchDetails } from '../../stores/batches/details.ts';
import { partKey, partOf } from '../../stores/batches/parts.ts';
import { EphemeralStoreUnavailable } from '../../stores/ephemeral/port.ts';
import type { AppDependencies } from '../http/app-types.ts';
import { createRepeatedSubmissions } from '../sign-in/submission/repeated.ts';
import { isRefusal } from '../sign-in/submission/submit-values.ts';
import { batchProblems } from './gateway.ts';
import type { CheckedItems } from './check-items.ts';

const WRITES_AT_ONCE = 8;
const takingItems: readonly BatchStatus[] = ['open', 'running', 'finished'];

type Dependencies = Pick<AppDependencies, 'batches' | 'secrets' | 'ephemeral' | 'quotas' | 'logger'>;

export interface AskedFor {
  readonly by: Actor;
  readonly requestId: string | undefined;
}

/**
 * Stores the items and has the batch take them; no message contains a value. They are stored first: where this process
 * ends in between, the batch destroys them with the others when it ends. A repeated request continues where the first
 * one stopped, like a submission. Throws `ApiProblem`.
 */
export async function addItems(
  deps: Dependencies,
  batch: BatchView,
  checked: CheckedItems,
  asked: AskedFor,
): Promise<BatchView> {
  const { requestId } = asked;
  if (requestId === undefined) {
    const ref = randomUUID();
    await storeItems(deps, batch, ref, checked);
    return await takeItems(deps, batch, ref, checked, asked);
  }
  const repeated = createRepeatedSubmissions(deps.ephemeral);
  const { step, ref } = await repeated.begin(batch.id, requestId, randomUUID());
  if (step === 'taken') return (await deps.batches.view(batch.tenant, batch.id)).view;
  if (step === 'new') {
    try {
      await storeItems(deps, batch, ref, checked);
    } catch (error) {
      await repeated.forget(batch.id, requestId);
      throw error;
    }
    await repeated.reached(batch.id, requestId, { step: 'stored', ref });
  }
  try {
    const view = await takeItems(deps, batch, ref, checked, asked);
    await repeated.reached(batch.id, requestId, { step: 'taken', ref });
    return view;
  } catch (error) {
    if (isRefusal(error)) await repeated.forget(batch.id, requestId);
    throw error;
  }
}

async function storeItems(
  { secrets, quotas }: Dependencies,
  batch: BatchView,
  ref: string,
  { common, items }: CheckedItems,
): Promise<void> {
  // Checked before storing, so that what the batch would refuse is not stored.
  if (!takingItems.includes(batch.status)) throw batchProblems.ended(batch.status);
  if (batch.items + items.length > MOST_ITEMS) throw batchProblems.full(batch.items);
  await quotas.room(batch.tenant, items.length);
  const parts = Array.from({ length: Math.ceil(items.length / ITEMS_IN_A_PART) }, (_none, part) => part);
  for (let from = 0; from < parts.length; from += WRITES_AT_ONCE) {
    await Promise.all(
      parts.slice(from, from + WRITES_AT_ONCE).map(async (part) => {
        const own = items.slice(part * ITEMS_IN_A_PART, (part + 1) * ITEMS_IN_A_PART);
        await secrets.write('pending', partKey(batch.id, ref, part), partOf(batch, common, own), { cas: 0 });
      }),
    );
  }
}

async function takeItems(
  deps: Dependencies,
  batch: BatchView,
  ref: string,
  { items }: CheckedItems,
  { by, requestId }: AskedFor,
): Promise<BatchView> {
  const { tenant } = batch;
  const command = { tenant, by, ...(requestId !== undefined && { requestId }), ref, count: items.length };
  const { view, from } = await deps.batches.addItems(batch.id, command);
  await keepLabels(
    deps,
    batch,
    from,
    items.map(({ label }) => label),
  );
  return view;
}

/** Best effort: without them an item has no label until it begins. */
async function keepLabels(
  { ephemeral, logger }: Dependencies,
  batch: BatchView,
  from: number,
  labels: readonly string[],
): Promise<void> {
  try {
    await createBatchDetails(ephemeral).putLabels(batch.id, from, labels);
  } catch (error) {
    if (!(error instanceof EphemeralStoreUnavailable)) throw error;
    logger.warn({ err: error, batch: batch.id }, 'Labels of items were not kept: the ephemeral store does not answer.');
  }
}
