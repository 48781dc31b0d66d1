import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker, type NativeConnection, type WorkerOptions } from '@temporalio/worker';
import type { Config } from '../platform/config.ts';
import { createDataConverter } from '../platform/temporal/data-converter.ts';
import type { Activities } from '../contracts/activities.ts';
import { providerQueues, taskQueues } from '../contracts/ids.ts';
import { heartbeat } from './heartbeat.ts';

/** Above the longest activity's start-to-close: what is being spent is finished before the process ends. */
const SHUTDOWN_GRACE = '60 s';
/** A list spends nothing: it is cancelled at the end of the process, and another worker makes it again. */
const LIST_GRACE = '1 s';
/** Those that are awake now: most connections sleep all day, and a cached one takes 0.3 MB. */
const CACHED_WORKFLOWS = 100;
/**
 * How long a task waits for a worker that had its workflow in the cache. With the SDK's 10 s, what a killed worker had
 * under way took 15.5 s to go on, with the heartbeat's 8 s before: longer than the 15 s that are promised.
 */
const STICKY_FOR = '5 s';
/** Activities on the stores alone, at once: they are short. */
const STORE_ACTIVITIES = 100;

/** What a worker does for one provider; rates are the manifest's. */
export interface ProviderWork {
  readonly id: string;
  readonly renewalsPerSecond: number | undefined;
}

/**
 * The workers of one process: workflows with the activities that only touch stores, two queues for each provider, and
 * discovery. Each queue has slots of its own, so that a cloud that hangs takes nothing from the others.
 */
export async function createWorkers(
  config: Config,
  connection: NativeConnection,
  activities: Activities,
  providers: readonly ProviderWork[],
  isKnownKey: (keyId: string) => Promise<boolean>,
): Promise<Worker[]> {
  const shared = {
    connection,
    namespace: config.temporal.namespace,
    dataConverter: createDataConverter(config.keyRing, config.payloadEncryption, { isKnownKey }),
    activities,
    shutdownGraceTime: SHUTDOWN_GRACE,
    interceptors: { activity: [heartbeat] },
    ...versioning(config),
  } satisfies Omit<WorkerOptions, 'taskQueue'>;
  const { upkeep, now } = config.providerSlots;
  return await Promise.all([
    Worker.create({
      ...shared,
      ...workflowSource(),
      taskQueue: taskQueues.workflows,
      maxConcurrentWorkflowTaskExecutions: config.workflowTasks,
      maxConcurrentActivityTaskExecutions: STORE_ACTIVITIES,
      maxCachedWorkflows: CACHED_WORKFLOWS,
      stickyQueueScheduleToStartTimeout: STICKY_FOR,
    }),
    ...providers.flatMap(({ id, renewalsPerSecond }) => {
      const queues = providerQueues(id);
      return [
        Worker.create({
          ...shared,
          taskQueue: queues.upkeep,
          maxConcurrentActivityTaskExecutions: upkeep,
          ...(renewalsPerSecond === undefined ? {} : { maxTaskQueueActivitiesPerSecond: renewalsPerSecond }),
        }),
        Worker.create({ ...shared, taskQueue: queues.now, maxConcurrentActivityTaskExecutions: now }),
      ];
    }),
    Worker.create({
      ...shared,
      taskQueue: taskQueues.discovery,
      maxConcurrentActivityTaskExecutions: config.discovery.lists,
      // A list that is cut short is made again elsewhere: nothing is gained by waiting for it.
      shutdownGraceTime: LIST_GRACE,
    }),
  ]);
}

/**
 * A connection lives for years: it goes on with whatever version is current (AUTO_UPGRADE), and history that older ones
 * wrote is replayed by newer ones.
 */
function versioning({ deployment }: Config): Pick<WorkerOptions, 'workerDeploymentOptions'> {
  if (!deployment) return {};
  const version = { deploymentName: deployment.name, buildId: deployment.buildId };
  return {
    workerDeploymentOptions: { useWorkerVersioning: true, version, defaultVersioningBehavior: 'AUTO_UPGRADE' },
  };
}

/** The bundle that the build made, where this runs from one; else the sources, bundled at start (2 s). */
export function workflowSource(): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  const codePath = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));
  if (existsSync(codePath)) return { workflowBundle: { codePath } };
  return { workflowsPath: fileURLToPath(new URL('../workflows/index.ts', import.meta.url)) };
}
