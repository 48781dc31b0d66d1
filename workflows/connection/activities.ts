import { proxyActivities, type ActivityInterfaceFor } from '@temporalio/workflow';
import type { Activities } from '../../contracts/activities.ts';
import { providerQueues, taskQueues } from '../../contracts/ids.ts';

/** The documentation calls this the default, but the SDK sends TRY_CANCEL: so it is set on every proxy. */
const cancellationType = 'WAIT_CANCELLATION_COMPLETED';

/** Work on the stores alone: retried without end; after a worker is killed, another takes over within 10 s. */
export const untilDone = proxyActivities<Activities>({
  taskQueue: taskQueues.workflows,
  cancellationType,
  startToCloseTimeout: '10 s',
  retry: { initialInterval: '1 s', backoffCoefficient: 2, maximumInterval: '1 min' },
});

/** Best effort: events that cannot be published within a minute are not worth keeping a run open for. */
export const withinAMinute = proxyActivities<Activities>({
  taskQueue: taskQueues.workflows,
  cancellationType,
  startToCloseTimeout: '5 s',
  scheduleToCloseTimeout: '1 min',
  retry: { initialInterval: '1 s', backoffCoefficient: 2 },
});

/**
 * Telling endpoints: retried while their list cannot be read, or Temporal takes no delivery. The limit is for connections
 * that have ended, which wait for it. `mayWait` false: for a minute, because the run or the connection stops.
 */
export const untilTold = (mayWait: boolean): Proxy => (mayWait ? tellingForDays : tellingForAMinute);

const telling = {
  taskQueue: taskQueues.workflows,
  cancellationType,
  startToCloseTimeout: '10 s',
  retry: { initialInterval: '1 s', backoffCoefficient: 2, maximumInterval: '1 min' },
} as const;

type Proxy = ActivityInterfaceFor<Activities>;

const tellingForDays = proxyActivities<Activities>({ ...telling, scheduleToCloseTimeout: '7 days' });
const tellingForAMinute = proxyActivities<Activities>({ ...telling, scheduleToCloseTimeout: '1 min' });

/** Activities that call one cloud, on that cloud's own task queues. */
export interface CloudActivities {
  /** One attempt only: for authorization codes, which are single use. */
  readonly once: Proxy;
  /** New access takes seconds to minutes to propagate: frequent tries for ten minutes, in one activity. */
  readonly fastProbe: Proxy;
  /** After that, tries minutes apart; the caller sets the limit (`scheduleToCloseTimeout`). */
  readonly slowProbe: Proxy;
  /** A few attempts while a person waits for the answer. */
  readonly soon: Proxy;
  /** One refresh for a person who waits; repeated only while another attempt is under way. */
  readonly refresh: Proxy;
  /** The durable loop of upkeep: attempts without end, each asking for the next. */
  readonly upkeep: Proxy;
  /** Revocation at the cloud; the caller bounds it in days. */
  readonly revocation: Proxy;
}

/** Order within one queue, on servers that support priorities (1 is first): what a person waits for comes first. */
const priorities = { person: 2, renewal: 3, revocation: 4 } as const;

/** `tenant` is the fairness key, on servers that support it. Nothing depends on priorities or fairness. */
export function cloudActivities(provider: string, tenant: string): CloudActivities {
  const queues = providerQueues(provider);
  const priority = (priorityKey: number) => ({ priority: { priorityKey, fairnessKey: tenant } });
  const now = { taskQueue: queues.now, cancellationType, ...priority(priorities.person) } as const;
  /** With heartbeats, a killed worker is noticed early, and a cancelled attempt learns that it was cancelled. */
  const calls = { ...now, heartbeatTimeout: '8 s', startToCloseTimeout: '15 s' } as const;
  const background = { taskQueue: queues.upkeep, cancellationType, heartbeatTimeout: '8 s' } as const;
  return {
    once: proxyActivities<Activities>({
      ...calls,
      startToCloseTimeout: '20 s',
      retry: { maximumAttempts: 1 },
    }),
    fastProbe: proxyActivities<Activities>({
      ...calls,
      scheduleToCloseTimeout: '10 min',
      retry: { initialInterval: '5 s', backoffCoefficient: 1.5, maximumInterval: '30 s' },
    }),
    slowProbe: proxyActivities<Activities>({
      ...calls,
      retry: { initialInterval: '1 min', backoffCoefficient: 1.5, maximumInterval: '5 min' },
    }),
    soon: proxyActivities<Activities>({
      ...calls,
      scheduleToCloseTimeout: '30 s',
      retry: { initialInterval: '1 s', backoffCoefficient: 2, maximumAttempts: 3 },
    }),
    refresh: proxyActivities<Activities>({
      ...calls,
      startToCloseTimeout: '12 s',
      scheduleToCloseTimeout: '40 s',
      retry: { initialInterval: '1 s', backoffCoefficient: 1 },
    }),
    // HTTP 6 s + store 2 × 2 s < 12 s. Each attempt asks for the next one itself. The policy's interval only applies after
    // a worker was killed; it is short, so that a replay comes while the cloud may still answer it.
    upkeep: proxyActivities<Activities>({
      ...background,
      ...priority(priorities.renewal),
      startToCloseTimeout: '12 s',
      retry: { initialInterval: '1 s', backoffCoefficient: 1 },
    }),
    revocation: proxyActivities<Activities>({
      ...background,
      ...priority(priorities.revocation),
      startToCloseTimeout: '20 s',
      retry: { initialInterval: '1 s', backoffCoefficient: 2, maximumInterval: '5 min' },
    }),
  };
}
