import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { taskQueues } from '../../contracts/ids.ts';
import { searchAttributes as names } from '../../contracts/search-attributes.ts';
import { newDelivery, type DeliveryInput } from '../../contracts/webhooks.ts';
import { startWorkflow, type StartOptions } from './typed-client.ts';

/** Short: it is called during a renewal, which has deadlines of its own. */
const DEADLINE_MS = 2_000;

/** `again`: also where it has ended, as a person or a replay asks for. */
export function deliveryOptions(input: DeliveryInput, nowMs: number, again = false): StartOptions<'webhookDelivery'> {
  const view = newDelivery(input, nowMs);
  return {
    workflowId: view.id,
    taskQueue: taskQueues.workflows,
    args: [input],
    workflowIdReusePolicy: again ? 'ALLOW_DUPLICATE' : 'REJECT_DUPLICATE',
    workflowIdConflictPolicy: 'FAIL',
    typedSearchAttributes: [
      { key: defineSearchAttributeKey(names.tenant.name, 'KEYWORD'), value: input.tenant },
      { key: defineSearchAttributeKey(names.status.name, 'KEYWORD'), value: view.status },
    ],
    memo: { view },
    staticSummary: `Webhook ${input.event.type} to ${input.endpoint} for ${input.tenant}`,
  };
}

/** Starts each delivery once, however often it is asked to. */
export function createDeliveryStarter(
  client: Client,
  clock: { now(): number },
  deadlineMs = DEADLINE_MS,
): { start(input: DeliveryInput): Promise<void> } {
  return {
    async start(input) {
      try {
        // A gRPC deadline is a point in real time, so the injected clock does not apply.
        await client.withDeadline(
          Date.now() + deadlineMs,
          async () => await startWorkflow(client, 'webhookDelivery', deliveryOptions(input, clock.now())),
        );
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }
    },
  };
}
