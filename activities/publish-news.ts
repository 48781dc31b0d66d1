import { Context } from '@temporalio/activity';
import { publishNews } from '../stores/ephemeral/news.ts';
import { EphemeralStoreUnavailable } from '../stores/ephemeral/port.ts';
import type { ConnectionActivities, News } from '../contracts/activities.ts';
import type { ConnectionRef } from '../contracts/connection.ts';
import { problems } from '../contracts/problem.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { notYet } from './failures.ts';
import { tellInAttempt } from './webhooks/tell-events.ts';

type Dependencies = Pick<ActivityDependencies, 'ephemeral' | 'logger'>;

export function createPublishNews(
  deps: Dependencies & Pick<ActivityDependencies, 'tellEndpoints'>,
): ConnectionActivities['publishNews'] {
  return async (input) => {
    const context = Context.current();
    await publishFirst(deps, input.connection, input.news, context.info.attempt);
    const told = await tellInAttempt(deps, input, context);
    if (told.told === false) throw notYet(problems.endpointsNotTold);
    return told;
  };
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
