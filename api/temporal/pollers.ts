import type { Client } from '@temporalio/client';
import { providerQueues, taskQueues } from '../../contracts/ids.ts';
import type { Clock } from '../../platform/clock.ts';
import { optionalTsToMs } from '../../platform/temporal/sdk-internals.ts';
import { deadlines, within } from './deadlines.ts';
import { shareAnswers } from './share-answers.ts';

/** How many workers poll a task queue for workflows or for activities. */
export interface QueuePollers {
  readonly queue: string;
  readonly kind: 'workflow' | 'activity';
  readonly pollers: number;
  /** The builds of these workers; none where they do not name one. */
  readonly builds: readonly string[];
}

/** temporal.api.enums.v1.TaskQueueType. */
const types = { workflow: 1, activity: 2 } as const;

/**
 * A poll lasts a minute. A worker without a poll for longer than this is gone, although the server lists it for five
 * minutes.
 */
const POLLED_WITHIN_MS = 90_000;
const KEPT_MS = 10_000;
/** During a start, a missing poller is expected within seconds. */
const KEPT_WHILE_MISSING_MS = 1_000;

/** Asks which task queues are polled. Answers are cached for some seconds, because load balancers ask all the time. */
export function createPollers(
  client: Client,
  clock: Clock,
): (providers: readonly string[]) => Promise<readonly QueuePollers[]> {
  const shared = shareAnswers<readonly QueuePollers[]>(clock, {
    keptMs: (queues) => (queues.every(({ pollers }) => pollers > 0) ? KEPT_MS : KEPT_WHILE_MISSING_MS),
    most: 1,
  });

  const look = async (queue: string, kind: QueuePollers['kind']): Promise<QueuePollers> => {
    const { pollers } = await within(client, deadlines.describe, () =>
      client.workflowService.describeTaskQueue({
        namespace: client.options.namespace,
        taskQueue: { name: queue },
        taskQueueType: types[kind],
      }),
    );
    const since = clock.now() - POLLED_WITHIN_MS;
    const present = pollers.filter(({ lastAccessTime }) => (optionalTsToMs(lastAccessTime) ?? 0) >= since);
    const builds = present.flatMap(({ deploymentOptions }) => deploymentOptions?.buildId || []);
    return { queue, kind, pollers: present.length, builds: [...new Set(builds)].toSorted() };
  };

  return async (providers) =>
    await shared(providers.join(), async () => {
      const ofProviders = providers.flatMap((provider) => Object.values(providerQueues(provider)));
      return await Promise.all([
        look(taskQueues.workflows, 'workflow'),
        ...[taskQueues.workflows, taskQueues.discovery, taskQueues.webhooks, ...ofProviders].map(
          async (queue) => await look(queue, 'activity'),
        ),
      ]);
    });
}
