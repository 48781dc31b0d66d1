import { proxyActivities, type ActivityInterfaceFor } from '@temporalio/workflow';
import type { Activities } from '../../contracts/activities.ts';
import { providerQueues, taskQueues } from '../../contracts/ids.ts';

/** The documentation calls it the default, the SDK sends TRY_CANCEL: said on every proxy. */
const cancellationType = 'WAIT_CANCELLATION_COMPLETED';

/** Work on the stores alone: tried for as long as it takes; a killed worker's attempt is taken up within 10 s. */
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

type Proxy = ActivityInterfaceFor<Activities>;

/** What calls one cloud, on that cloud's own queues. */
export interface CloudActivities {
  /** One attempt, seen to end: for what is single use. */
  readonly once: Proxy;
  /** New access takes seconds to minutes to work everywhere: close together through ten minutes, in one activity. */
  readonly fastProbe: Proxy;
  /** Then minutes apart; the caller bounds it (`scheduleToCloseTimeout`). */
  readonly slowProbe: Proxy;
  /** A few attempts while a person waits for the answer. */
  readonly soon: Proxy;
  /** One refresh for a person who waits; repeated only while another attempt is under way. */
  readonly refresh: Proxy;
  /** The durable loop of upkeep: attempts without end, each asking for the next one. */
  readonly upkeep: Proxy;
  /** Revocation at the cloud; the caller bounds it in days. */
  readonly revocation: Proxy;
}

/** Among what waits on one queue, where the server knows priorities (1 is first): what a person waits for goes first. */
const priorities = { person: 2, renewal: 3, revocation: 4 } as const;

/** `tenant`: where the server is fair, one tenant's backlog does not hold up another's. Nothing depends on either. */
export function cloudActivities(provider: string, tenant: string): CloudActivities {
  const queues = providerQueues(provider);
  const priority = (priorityKey: number) => ({ priority: { priorityKey, fairnessKey: tenant } });
  const now = { taskQueue: queues.now, cancellationType, ...priority(priorities.person) } as const;
  /** With a heartbeat, a killed worker's attempt is given up early, and a cancelled one learns of it. */
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
    // HTTP 6 s + store 2 × 2 s < 12 s. An attempt asks for the next one itself; the policy's interval is only for one that
    // was killed with its worker, and must be taken up while the cloud may still answer a replay.
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
