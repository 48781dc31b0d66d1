import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import type { ConnectionView } from '../../contracts/connection.ts';
import { isLate, STUCK_ATTEMPTS } from '../../contracts/health.ts';
import type { Problem } from '../../contracts/problem.ts';
import { iso } from '../../contracts/time.ts';
import { dueAtMs, isBetweenTries, type PendingActivity } from '../../platform/temporal/pending-activity.ts';
import { decodeOptionalFailureToOptionalError } from '../../platform/temporal/sdk-internals.ts';
import type { healthStates } from '../connections/schema.ts';
import { deadlines, within } from './deadlines.ts';
import type { Description, PendingTask } from './description.ts';
import { isoOf } from './execution.ts';
import type { Decoding } from './memo.ts';

/** Whether Mooring itself keeps up with a connection. */
export interface Health {
  readonly state: (typeof healthStates)[number];
  readonly since: string | null;
  readonly problem: Problem | null;
}

export const isStuck = ({ task }: Description): boolean => (task?.attempt ?? 0) >= STUCK_ATTEMPTS;

/**
 * Pure. `cause` is the error of the failing workflow task, if known. The view must already contain the newest facts.
 */
export function healthOf(
  description: Description,
  view: Pick<ConnectionView, 'status' | 'credential'>,
  known: { readonly reported: Problem | undefined; readonly cause: string | undefined },
  nowMs: number,
): Health {
  const { activities, task } = description;
  if (task && isStuck(description)) return stuck(task, known.cause);
  const paused = activities.find((activity) => activity.paused);
  if (paused) return pausedByOperator(paused);
  const [overdue] = activities
    .filter((activity) => isBetweenTries(activity) && isLate(dueAtMs(activity), nowMs))
    .toSorted((one, other) => dueAtMs(one) - dueAtMs(other));
  if (overdue) return late(overdue);
  const renewal = view.status === 'active' ? view.credential?.nextRefreshAt : null;
  if (renewal != null && isLate(Date.parse(renewal), nowMs)) {
    return { state: 'late', since: renewal, problem: known.reported ?? renewalMissed(renewal) };
  }
  return { state: 'ok', since: null, problem: null };
}

const nameOf = ({ activityType }: PendingActivity): string => activityType?.name ?? 'unknown';

function stuck({ attempt, originalScheduledTime }: PendingTask, cause: string | undefined): Health {
  return {
    state: 'stuck',
    since: isoOf(originalScheduledTime),
    problem: {
      code: 'connection_stuck',
      message: `The workflow of this connection cannot go on: its task is at attempt ${attempt}${cause === undefined ? '' : ` (${cause})`}.`,
      remedy:
        'Nothing is lost. Deploy a worker that can go on, or reset it: temporal workflow reset --workflow-id con_… --type LastWorkflowTask.',
    },
  };
}

function pausedByOperator(activity: PendingActivity): Health {
  return {
    state: 'paused_by_operator',
    since: isoOf(activity.pauseInfo?.pauseTime),
    problem: {
      code: 'paused_by_operator',
      message: `An operator has paused the activity '${nameOf(activity)}' of this connection in Temporal.`,
      remedy: 'Unpause it in the Temporal UI, or with: temporal activity unpause.',
    },
  };
}

function late(activity: PendingActivity): Health {
  const due = iso(dueAtMs(activity));
  const queue = activity.activityOptions?.taskQueue?.name ?? 'of its provider';
  return {
    state: 'late',
    since: due,
    problem: {
      code: 'late',
      message: `The activity '${nameOf(activity)}' was due at ${due}, and no worker has taken it up.`,
      remedy: `Check that workers run, and that they poll the task queue '${queue}': the log of the API names those without pollers.`,
    },
  };
}

const renewalMissed = (due: string): Problem => ({
  code: 'late',
  message: `The credential was to be renewed at ${due}, and has not been.`,
  remedy: 'The pending activity of the connection in the Temporal UI says why; POST …/try-now has it tried at once.',
});

// CommonJS, built in a way that hides its names from an ES module's loader.
const { WorkflowTaskFailedCause } = proto.temporal.api.enums.v1;

/** A task that keeps failing writes its failure to history only once. Only messages can follow it. */
const NEWEST_EVENTS = 50;
const MESSAGE_CHARACTERS = 200;

/** Why a workflow task fails, read from the newest history events. Best effort: undefined when they do not say. */
export async function stuckCause(client: Client, decoding: Decoding, id: string): Promise<string | undefined> {
  const { dataConverter, namespace } = decoding;
  try {
    const { history } = await within(client, deadlines.describe, () =>
      client.workflowService.getWorkflowExecutionHistoryReverse({
        namespace,
        execution: { workflowId: id },
        maximumPageSize: NEWEST_EVENTS,
      }),
    );
    for (const event of history?.events ?? []) {
      if (event.workflowTaskTimedOutEventAttributes) return 'no worker finishes it in time';
      const failed = event.workflowTaskFailedEventAttributes;
      if (!failed) continue;
      const context = { type: 'workflow', namespace, workflowId: id } as const;
      const error = await decodeOptionalFailureToOptionalError(dataConverter, failed.failure, context);
      return [inWords(Number(failed.cause)), error?.message.slice(0, MESSAGE_CHARACTERS)].filter(Boolean).join(': ');
    }
  } catch {
    // The problem is then reported without a cause.
  }
  return undefined;
}

/** E.g. `non deterministic error`. */
const inWords = (cause: number): string =>
  (WorkflowTaskFailedCause[cause] ?? '').replace('WORKFLOW_TASK_FAILED_CAUSE_', '').replaceAll('_', ' ').toLowerCase();
