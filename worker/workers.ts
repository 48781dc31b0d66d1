import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker, type NativeConnection, type WorkerOptions } from '@temporalio/worker';
import type { Config } from '../platform/config.ts';
import { createDataConverter } from '../platform/temporal/data-converter.ts';
import type { Activities } from '../contracts/activities.ts';
import { providerQueues, taskQueues } from '../contracts/ids.ts';
import { heartbeat } from './heartbeat.ts';

/** Longer than the longest activity's start-to-close timeout, so that no refresh is cut off when the process ends. */
const SHUTDOWN_GRACE = '60 s';
/** A list spends no token, so it is cancelled when the process ends, and another worker repeats it. */
const LIST_GRACE = '1 s';
/** Most connections sleep all day, and a cached workflow takes 0.3 MB: only those awake now need a place. */
const CACHED_WORKFLOWS = 100;
/**
 * How long a workflow task waits for the worker that has the workflow in its cache. With the SDK's default of 10 s, the
 * work of a killed worker went on after 15.5 s (with the heartbeat timeout of 8 s); the promise is 15 s.
 */
const STICKY_FOR = '5 s';
/** Concurrent activities that use the stores only; they are short. */
const STORE_ACTIVITIES = 100;
/** Attempts to deliver at once; a slow endpoint has a few of them, and holds each for 15 s at most. */
const DELIVERIES = 50;

/** What a worker does for one provider; rates are the manifest's. */
export interface ProviderWork {
  readonly id: string;
  readonly renewalsPerSecond: number | undefined;
}

/**
 * The workers of one process: workflows with the activities that only touch stores, two queues for each provider,
 * discovery, and webhooks. Each queue has slots of its own, so that a cloud that hangs takes nothing from the others.
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
      // Another worker repeats a cancelled list, so waiting for it gains nothing.
      shutdownGraceTime: LIST_GRACE,
    }),
    Worker.create({
      ...shared,
      taskQueue: taskQueues.webhooks,
      maxConcurrentActivityTaskExecutions: DELIVERIES,
    }),
  ]);
}

/**
 * A connection lives for years. It moves to the current version (AUTO_UPGRADE), and newer versions replay the history
 * that older ones wrote.
 */
function versioning({ deployment }: Config): Pick<WorkerOptions, 'workerDeploymentOptions'> {
  if (!deployment) return {};
  const version = { deploymentName: deployment.name, buildId: deployment.buildId };
  return {
    workerDeploymentOptions: { useWorkerVersioning: true, version, defaultVersioningBehavior: 'AUTO_UPGRADE' },
  };
}

/** The bundle that the build made, if this runs from a build; otherwise the sources, bundled at start (2 s). */
export function workflowSource(): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  const codePath = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));
  if (existsSync(codePath)) return { workflowBundle: { codePath } };
  return { workflowsPath: fileURLToPath(new URL('../workflows/index.ts', import.meta.url)) };
}
