import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker, type NativeConnection, type WorkerOptions } from '@temporalio/worker';
import type { Config } from '../platform/config.ts';
import { createDataConverter } from '../platform/temporal/data-converter.ts';
import type { ConnectionActivities } from '../workflows/contracts/activities.ts';
import type { DiscoveryActivities } from '../workflows/contracts/discovery.ts';
import { taskQueues } from '../workflows/contracts/ids.ts';
import { heartbeat } from './heartbeat.ts';

/** Above the longest activity's start-to-close: what is being spent is finished before the process ends. */
const SHUTDOWN_GRACE = '60 s';
/** A list spends nothing: it is cancelled at the end of the process, and another worker makes it again. */
const LIST_GRACE = '1 s';
/** Those awake now: most connections sleep for an hour, and a cold wake costs about 15 ms. */
const CACHED_WORKFLOWS = 500;
const UPKEEP_AT_ONCE = 100;
/** How long what a dead worker had in its cache waits for it; the SDK's 10 s would be most of a recovery's 15 s. */
const STICKY_FOR = '2 s';

/** The workers of one process: workflows with their local activities, the upkeep queue, and lists on a queue of their own. */
export async function createWorkers(
  config: Config,
  connection: NativeConnection,
  activities: ConnectionActivities & DiscoveryActivities,
): Promise<Worker[]> {
  const shared = {
    connection,
    namespace: config.temporal.namespace,
    dataConverter: createDataConverter(config.keyRing, config.payloadEncryption),
    activities,
    shutdownGraceTime: SHUTDOWN_GRACE,
    interceptors: { activity: [heartbeat] },
  } satisfies Omit<WorkerOptions, 'taskQueue'>;
  return await Promise.all([
    Worker.create({
      ...shared,
      ...workflowSource(),
      taskQueue: taskQueues.workflows,
      maxConcurrentWorkflowTaskExecutions: config.workflowTasks,
      maxConcurrentLocalActivityExecutions: config.workflowTasks,
      maxCachedWorkflows: CACHED_WORKFLOWS,
      stickyQueueScheduleToStartTimeout: STICKY_FOR,
    }),
    Worker.create({ ...shared, taskQueue: taskQueues.upkeep, maxConcurrentActivityTaskExecutions: UPKEEP_AT_ONCE }),
    Worker.create({
      ...shared,
      taskQueue: taskQueues.discovery,
      maxConcurrentActivityTaskExecutions: config.discovery.lists,
      // A list that is cut short is made again elsewhere: nobody need wait for it.
      shutdownGraceTime: LIST_GRACE,
    }),
  ]);
}

/** The bundle that the build made, where this runs from one; else the sources, bundled at start (2 s). */
function workflowSource(): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  const codePath = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));
  if (existsSync(codePath)) return { workflowBundle: { codePath } };
  return { workflowsPath: fileURLToPath(new URL('../workflows/index.ts', import.meta.url)) };
}
