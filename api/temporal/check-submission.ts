import type { Client } from '@temporalio/client';
import { taskQueues } from '../../contracts/ids.ts';
import { validationNames, type ValidationInput, type ValidationOutcome } from '../../contracts/validation.ts';
import { deadlines, within } from './deadlines.ts';

/**
 * Has a worker look at values that `put` stores, and destroy them. The workflow is there first, so that they are
 * destroyed even if this process ends before it has said a word more; given up on, it is cancelled, and destroys them
 * as soon as a worker runs.
 */
export async function checkSubmission(
  client: Client,
  input: ValidationInput,
  put: () => Promise<void>,
): Promise<ValidationOutcome> {
  const { connection } = input;
  const handle = await within(client, deadlines.start, () =>
    client.workflow.start(validationNames.workflow, {
      workflowId: connection.id,
      taskQueue: taskQueues.workflows,
      args: [input],
      staticSummary: `A look at submitted values for ${connection.tenant}: ${connection.provider}, ${connection.method}`,
    }),
  );
  try {
    await put();
    await within(client, deadlines.signal, () => handle.signal(validationNames.submitted));
    return await within(client, deadlines.check, () => handle.result() as Promise<ValidationOutcome>);
  } catch (error) {
    await within(client, deadlines.signal, () => handle.cancel()).catch(() => undefined);
    throw error;
  }
}
