import { EphemeralStoreUnavailable } from '../stores/ephemeral/port.ts';
import { ephemeralKeys } from '../stores/ephemeral/keys.ts';
import type { Json } from '../platform/json.ts';
import type { ConnectionActivities } from '../workflows/contracts/activities.ts';
import type { ConnectionView, TimelineEntry } from '../workflows/contracts/connection.ts';
import type { ActivityDependencies } from './dependencies.ts';

const DAY_SECONDS = 24 * 60 * 60;
/** Longer than any silence of a living connection: even one that waits renews its run daily. */
const VIEW_TTL_SECONDS = 30 * DAY_SECONDS;
/** What is kept of a tenant's events. */
export const eventStream = { keep: 10_000, ttlSeconds: 7 * DAY_SECONDS };

type Dependencies = Pick<ActivityDependencies, 'ephemeral' | 'logger'>;

export function createPublishView(deps: Dependencies): ConnectionActivities['publishView'] {
  return ({ view, events }) => publish(deps, view, events);
}

/** Best effort: views and events can be made again from the workflow, so losing them delays nobody's refresh. */
export async function publish(
  { ephemeral, logger }: Dependencies,
  view: ConnectionView,
  events: readonly TimelineEntry[],
): Promise<void> {
  try {
    await ephemeral.put(ephemeralKeys.view(view.id), view as unknown as Json, VIEW_TTL_SECONDS);
    for (const event of events) {
      const { id, provider, status } = view;
      await ephemeral.append(
        ephemeralKeys.events(view.tenant),
        { connection: id, provider, status, ...event },
        eventStream,
      );
    }
  } catch (error) {
    if (!(error instanceof EphemeralStoreUnavailable)) throw error;
    logger.warn(
      { err: error, connection: view.id },
      'The view was not published: the ephemeral store does not answer.',
    );
  }
}
