import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { ConnectionActivities } from './contracts/activities.ts';
import type { DiscoveryActivities } from './contracts/discovery.ts';
import { taskQueues } from './contracts/ids.ts';

/** The documentation calls it the default, the SDK sends TRY_CANCEL: said on every proxy. */
const cancellationType = 'WAIT_CANCELLATION_COMPLETED';
/** Never delayed by what is listed. */
const upkeep = { taskQueue: taskQueues.upkeep, cancellationType } as const;
/** Calls to a cloud: a killed worker's try is given up, and a cancelled one hears of it, with the heartbeat. */
const calls = { ...upkeep, heartbeatTimeout: '8 s' } as const;

/**
 * The happy path of upkeep: HTTP 6 s + store 2 s < 9 s < the workflow task's 10 s, so that every ambiguity comes
 * back as a returned result. Never repeated by Temporal: only the protocol's marker can tell what was spent.
 */
export const local = proxyLocalActivities<ConnectionActivities>({
  startToCloseTimeout: '9 s',
  retry: { maximumAttempts: 1 },
  cancellationType,
});

/** The same deadlines on the upkeep queue: for what must be tried once, and be seen to end. */
export const once = proxyActivities<ConnectionActivities>({
  ...upkeep,
  startToCloseTimeout: '9 s',
  retry: { maximumAttempts: 1 },
});

/** Work on the stores: tried for as long as it takes; a killed worker's try is taken up within 10 s. */
export const untilDone = proxyActivities<ConnectionActivities & Pick<DiscoveryActivities, 'dropInventory'>>({
  ...upkeep,
  startToCloseTimeout: '10 s',
  retry: { initialInterval: '1 s', backoffCoefficient: 2, maximumInterval: '1 min' },
});

/** New access takes from seconds to minutes to work everywhere: close together through ten minutes, in one activity. */
export const fastProbe = proxyActivities<ConnectionActivities>({
  ...calls,
  startToCloseTimeout: '15 s',
  scheduleToCloseTimeout: '10 min',
  retry: { initialInterval: '5 s', backoffCoefficient: 1.5, maximumInterval: '30 s' },
});

/** Then minutes apart; the caller bounds it (`scheduleToCloseTimeout`). */
export const slowProbe = proxyActivities<ConnectionActivities>({
  ...calls,
  startToCloseTimeout: '15 s',
  retry: { initialInterval: '1 min', backoffCoefficient: 1.5, maximumInterval: '5 min' },
});

/** A few tries while somebody waits for the answer. */
export const soon = proxyActivities<ConnectionActivities>({
  ...calls,
  startToCloseTimeout: '15 s',
  scheduleToCloseTimeout: '30 s',
  retry: { initialInterval: '1 s', backoffCoefficient: 2, maximumAttempts: 3 },
});

/** Revocation at the cloud; the caller bounds it in days. */
export const revocation = proxyActivities<ConnectionActivities>({
  ...calls,
  startToCloseTimeout: '20 s',
  retry: { initialInterval: '1 s', backoffCoefficient: 2, maximumInterval: '5 min' },
});
