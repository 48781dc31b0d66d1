import type { Client } from '@temporalio/client';
import { decodeOptionalFailureToOptionalError } from '@temporalio/common/lib/internal-non-workflow/codec-helpers.js';
import type { temporal } from '@temporalio/proto';
import type { ConnectionActivities } from '../../contracts/activities.ts';
import { deadlines, within } from './deadlines.ts';
import { executionOf, type Execution } from './execution.ts';
import type { Decoding } from './memo.ts';
import { isNotFound } from './temporal-errors.ts';

export type PendingActivity = temporal.api.workflow.v1.PendingActivityInfo.$Properties;
export type PendingTask = temporal.api.workflow.v1.PendingWorkflowTaskInfo.$Properties;

/** What Temporal answers about a connection's workflow by itself, without any worker. */
export interface Description {
  readonly execution: Execution;
  readonly activities: readonly PendingActivity[];
  readonly task: PendingTask | undefined;
}

/** Of the newest run; undefined where Temporal has no such workflow (any more). The memo is left as it is: it may not open. */
export async function describe(client: Client, id: string): Promise<Description | undefined> {
  try {
    const raw = await within(client, deadlines.describe, () =>
      client.workflowService.describeWorkflowExecution({
        namespace: client.options.namespace,
        execution: { workflowId: id },
      }),
    );
    return {
      execution: executionOf(raw.workflowExecutionInfo ?? {}),
      activities: raw.pendingActivities,
      task: raw.pendingWorkflowTask ?? undefined,
    };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** The activity that waits until a grant works. */
const PROOF = 'proveGrant' satisfies keyof ConnectionActivities;
/** The durable loop of upkeep. */
const UPKEEP = 'keepFresh' satisfies keyof ConnectionActivities;

const pendingOf = ({ activities }: Description, name: string): PendingActivity | undefined =>
  activities.find(({ activityType }) => activityType?.name === name);

export const pendingProof = (description: Description): PendingActivity | undefined => pendingOf(description, PROOF);
export const pendingUpkeep = (description: Description): PendingActivity | undefined => pendingOf(description, UPKEEP);

/** temporal.api.enums.v1.PendingActivityState. */
const SCHEDULED = 1;

/** True between two tries, and before the first. */
export const isBetweenTries = ({ state }: PendingActivity): boolean => Number(state) === SCHEDULED;

/**
 * True while something is done that may have renewed the credential, and that the memo and upkeep's last report do not
 * know of yet. Between two attempts of upkeep, with nothing else under way, they know all there is.
 */
export const isUnderWay = ({ activities, task }: Description): boolean =>
  task !== undefined ||
  activities.some((activity) => activity.activityType?.name !== UPKEEP || !isBetweenTries(activity));

/** Why an activity's last try failed; undefined where none has, and where it can't be decoded. */
export async function lastFailureOf(
  { dataConverter, namespace }: Decoding,
  { id }: Pick<Execution, 'id'>,
  { lastFailure }: PendingActivity,
): Promise<Error | undefined> {
  const context = { type: 'workflow', namespace, workflowId: id } as const;
  return await decodeOptionalFailureToOptionalError(dataConverter, lastFailure, context).catch(() => undefined);
}
