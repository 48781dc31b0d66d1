import { publishNews } from '../stores/ephemeral/news.ts';
import { EphemeralStoreUnavailable } from '../stores/ephemeral/port.ts';
import type { ConnectionActivities, News } from '../contracts/activities.ts';
import type { ConnectionRef } from '../contracts/connection.ts';
import type { ActivityDependencies } from './dependencies.ts';

type Dependencies = Pick<ActivityDependencies, 'ephemeral' | 'logger'>;

export function createPublishNews(deps: Dependencies): ConnectionActivities['publishNews'] {
  return ({ connection, news }) => publish(deps, connection, news);
}

/** Publishes the news of an activity's input once: on its first attempt. */
export async function publishFirst(
  deps: Dependencies,
  connection: ConnectionRef,
  news: News | null,
  attempt: number,
): Promise<void> {
  if (news !== null && attempt === 1) await publish(deps, connection, news);
}

/** Best effort: the timeline keeps what happened, and the loss of an event delays no renewal. */
async function publish({ ephemeral, logger }: Dependencies, connection: ConnectionRef, news: News): Promise<void> {
  try {
    await publishNews(ephemeral, connection, news);
  } catch (error) {
    if (!(error instanceof EphemeralStoreUnavailable)) throw error;
    logger.warn(
      { err: error, connection: connection.id },
      'Events were not published: the ephemeral store does not answer.',
    );
  }
}
