import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { DeliveryFilter, ReplayedDeliveries } from '../activities/webhooks/replay-ports.ts';
import { workflowTypes } from '../contracts/ids.ts';
import { searchAttributes as names } from '../contracts/search-attributes.ts';
import { deliveryWorkflowId, type DeliveryView } from '../contracts/webhooks.ts';
import type { Clock } from '../platform/clock.ts';
import { deliveryOptions } from '../platform/temporal/delivery-start.ts';
import { startWorkflow } from '../platform/temporal/typed-client.ts';

const DEADLINE_MS = 10_000;

/** Deliveries as Temporal has them, for replays. */
export function createReplayedDeliveries(client: Client, clock: Clock): ReplayedDeliveries {
  const { namespace } = client.options;
  const within = async <T>(call: () => Promise<T>): Promise<T> =>
    // A gRPC deadline is a point in real time, so the injected clock does not apply.
    await client.withDeadline(Date.now() + DEADLINE_MS, call);

  return {
    async count(filter) {
      return (await within(() => client.workflow.count(queryOf(filter)))).count;
    },

    async page(filter, token, pageSize) {
      const nextPageToken = token === null ? new Uint8Array() : Buffer.from(token, 'base64');
      const request = { namespace, query: queryOf(filter), pageSize, nextPageToken };
      const reply = await within(() => client.workflowService.listWorkflowExecutions(request));
      const next = Buffer.from(reply.nextPageToken).toString('base64');
      return {
        ids: reply.executions.flatMap(({ execution }) => execution?.workflowId ?? []),
        next: next === '' ? null : next,
      };
    },

    async find(id) {
      try {
        const { memo, status, startTime } = await within(() => client.workflow.getHandle(id).describe());
        const view = memo?.['view'] as DeliveryView | undefined;
        if (!view) return undefined;
        const isRunning = status.name === 'RUNNING';
        // One that was ended from outside could not write its status: it has failed.
        const isStopped = !isRunning && view.status === 'pending';
        return {
          view: isStopped ? { ...view, status: 'failed' } : view,
          isRunning,
          startedAt: startTime.toISOString(),
        };
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return undefined;
        throw error;
      }
    },

    async startAgain(input) {
      try {
        await within(() => startWorkflow(client, 'webhookDelivery', deliveryOptions(input, clock.now(), true)));
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }
    },
  };
}

/** Ids and instants have no character that a query would have to quote. Every run is a row. */
function queryOf({ tenant, endpoint, failedOnly, since, before }: DeliveryFilter): string {
  return [
    `WorkflowType='${workflowTypes.webhookDelivery}'`,
    `WorkflowId STARTS_WITH '${deliveryWorkflowId(endpoint, '')}'`,
    `${names.tenant.name}='${tenant}'`,
    failedOnly ? failed : `ExecutionStatus NOT IN ('Running', 'ContinuedAsNew')`,
    `StartTime>='${since}'`,
    `StartTime<'${before}'`,
  ].join(' AND ');
}

const failed = `(${names.status.name}='failed' OR ExecutionStatus IN ('Terminated', 'Canceled', 'Failed', 'TimedOut'))`;
