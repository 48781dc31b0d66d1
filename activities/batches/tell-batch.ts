import type { BatchActivities, BatchCounts, BatchNews } from '../../contracts/batches.ts';
import type { ConnectionRef } from '../../contracts/connection.ts';
import type { Json } from '../../platform/json.ts';
import { ephemeralKeys } from '../../stores/ephemeral/keys.ts';
import { eventStream } from '../../stores/ephemeral/news.ts';
import { EphemeralStoreUnavailable } from '../../stores/ephemeral/port.ts';
import type { ActivityDependencies } from '../dependencies.ts';

type Dependencies = Pick<ActivityDependencies, 'ephemeral' | 'logger'>;

export function createTellBatch(deps: Dependencies): BatchActivities['tellBatch'] {
  return ({ batch, news }) => publishBatchNews(deps, batch, news);
}

/** Best effort: the batch itself tells the same. */
export async function publishBatchNews(
  { ephemeral, logger }: Dependencies,
  { id, tenant, provider }: ConnectionRef,
  news: BatchNews,
): Promise<void> {
  const event = { batch: id, provider, ...news, text: sentenceOf(news) } as unknown as Json;
  try {
    await ephemeral.append(ephemeralKeys.events(tenant), event, eventStream);
  } catch (error) {
    if (!(error instanceof EphemeralStoreUnavailable)) throw error;
    logger.warn({ err: error, batch: id }, 'News of a batch was not published: the ephemeral store does not answer.');
  }
}

function sentenceOf({ items, counts }: BatchNews): string {
  const { connected, already_connected: before, refused, failed, waiting, cancelled } = counts;
  const others = [
    [before, 'connected before'],
    [waiting, 'waiting'],
    [refused, 'refused'],
    [failed, 'failed'],
    [cancelled, 'cancelled'],
  ] as const satisfies readonly (readonly [BatchCounts[keyof BatchCounts], string])[];
  const told = others.flatMap(([count, word]) => (count > 0 ? [`${count} ${word}`] : []));
  return `${[`${connected} of ${items} connected`, ...told].join(', ')}.`;
}
