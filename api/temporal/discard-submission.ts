import type { Client } from '@temporalio/client';
import type { ProofInput } from '../../contracts/activities.ts';
import { discardingWorkflowId, taskQueues, workflowTypes } from '../../contracts/ids.ts';
import { deadlines, within } from './deadlines.ts';

/** Has a worker destroy what was stored for a connection; resolves as soon as that is certain to be done. */
export async function discardSubmission(client: Client, input: ProofInput): Promise<void> {
  const { connection, pendingRef } = input;
  await within(client, deadlines.start, () =>
    client.workflow.start(workflowTypes.discarding, {
      workflowId: discardingWorkflowId(connection.id, pendingRef),
      taskQueue: taskQueues.workflows,
      args: [input],
      staticSummary: 'Drops values that the connection would not take',
    }),
  );
}
