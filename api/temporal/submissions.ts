import type { Client } from '@temporalio/client';
import type { ProofInput } from '../../contracts/activities.ts';
import { discardingWorkflowId, taskQueues } from '../../contracts/ids.ts';
import { validationNames, type ValidationInput, type ValidationOutcome } from '../../contracts/validation.ts';
import { startWorkflow } from '../../platform/temporal/typed-client.ts';
import { deadlines, within } from './deadlines.ts';

/**
 * A worker checks the values that `put` stores, then destroys them. The workflow is started before they are stored, so
 * that they are destroyed even if this process dies in between. On an error the workflow is cancelled, and destroys
 * them as soon as a worker runs.
 */
export async function checkSubmission(
  client: Client,
  input: ValidationInput,
  put: () => Promise<void>,
): Promise<ValidationOutcome> {
  const { connection } = input;
  const handle = await within(client, deadlines.start, () =>
    startWorkflow(client, 'validation', {
      workflowId: connection.id,
      taskQueue: taskQueues.workflows,
      args: [input],
      staticSummary: `A look at submitted values for ${connection.tenant}: ${connection.provider}, ${connection.method}`,
    }),
  );
  try {
    await put();
    await within(client, deadlines.signal, () => handle.signal(validationNames.submitted));
    return await within(client, deadlines.check, () => handle.result());
  } catch (error) {
    await within(client, deadlines.signal, () => handle.cancel()).catch(() => undefined);
    throw error;
  }
}

/**
 * A worker destroys what was stored for a connection. Resolves when the workflow is started, and so will certainly do
 * it.
 */
export async function discardSubmission(client: Client, input: ProofInput): Promise<void> {
  const { connection, pendingRef } = input;
  await within(client, deadlines.start, () =>
    startWorkflow(client, 'discarding', {
      workflowId: discardingWorkflowId(connection.id, pendingRef),
      taskQueue: taskQueues.workflows,
      args: [input],
      staticSummary: 'Drops values that the connection would not take',
    }),
  );
}
