import { EphemeralStoreUnavailable } from '../stores/ephemeral/port.ts';
import { ephemeralKeys } from '../stores/ephemeral/keys.ts';
import type { Json } from '../platform/json.ts';
import type { ConnectionActivities, News } from '../workflows/contracts/activities.ts';
import type { ConnectionRef } from '../workflows/contracts/connection.ts';
import type { ActivityDependencies } from './dependencies.ts';

const DAY_SECONDS = 24 * 60 * 60;
/** What is kept of a tenant's events. */
export const eventStream = { keep: 10_000, ttlSeconds: 7 * DAY_SECONDS };
/** Readers of credentials take what is older for unknown, and find the connection's condition in Temporal. */
const CONDITION_TTL_SECONDS = 30 * DAY_SECONDS;

type Dependencies = Pick<ActivityDependencies, 'ephemeral' | 'logger'>;

export function createPublishNews(deps: Dependencies): ConnectionActivities['publishNews'] {
  return ({ connection, news }) => publish(deps, connection, news);
}

/** Publishes what an activity was given to publish, once: on its first attempt. */
export async function publishFirst(
  deps: Dependencies,
  connection: ConnectionRef,
  news: News | null,
  attempt: number,
): Promise<void> {
  if (news !== null && attempt === 1) await publish(deps, connection, news);
}

/** Best effort: the timeline keeps what happened, and the loss of an event delays no renewal. */
async function publish(
  { ephemeral, logger }: Dependencies,
  { id, tenant, provider }: ConnectionRef,
  { status, problem, warnings, entries }: News,
): Promise<void> {
  try {
    const condition = { status, problem, warnings } as unknown as Json;
    await ephemeral.put(ephemeralKeys.condition(id), condition, CONDITION_TTL_SECONDS);
    for (const entry of entries) {
      await ephemeral.append(ephemeralKeys.events(tenant), { connection: id, provider, status, ...entry }, eventStream);
    }
  } catch (error) {
    if (!(error instanceof EphemeralStoreUnavailable)) throw error;
    logger.warn({ err: error, connection: id }, 'Events were not published: the ephemeral store does not answer.');
  }
}
