import type { Client } from '@temporalio/client';
import { decodeOptionalFailureToOptionalError } from '@temporalio/common/lib/internal-non-workflow/codec-helpers.js';
import proto from '@temporalio/proto';
import { deadlines, within } from './deadlines.ts';
import type { Decoding } from './memo.ts';

// CommonJS, built in a way that hides its names from an ES module's loader.
const { WorkflowTaskFailedCause } = proto.temporal.api.enums.v1;

/** The failure of a task that is tried again and again is written once; only messages can have come after it. */
const NEWEST_EVENTS = 50;
const MESSAGE_CHARACTERS = 200;

/** Why a workflow task fails, from the newest events of the history. Best effort: undefined where they don't tell. */
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
    // Told without its cause.
  }
  return undefined;
}

/** E.g. `non deterministic error`. */
const inWords = (cause: number): string =>
  (WorkflowTaskFailedCause[cause] ?? '').replace('WORKFLOW_TASK_FAILED_CAUSE_', '').replaceAll('_', ' ').toLowerCase();
