import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import {
  deliverySignals,
  deliveryWorkflowId,
  type DeliveryInput,
  type DeliveryStatus,
  type DeliveryView,
} from '../../contracts/webhooks.ts';
import type { Clock } from '../../platform/clock.ts';
import { deliveryOptions } from '../../platform/temporal/delivery-start.ts';
import { startWorkflow } from '../../platform/temporal/typed-client.ts';
import { deadlines, within } from '../temporal/deadlines.ts';
import { describe, type Description } from '../temporal/description.ts';
import { isWorkflowGone } from '../temporal/errors.ts';
import { executionOf, type Execution } from '../temporal/execution.ts';
import { readMemo } from '../temporal/memo.ts';
import { quote } from '../temporal/visibility.ts';
import { createAsk } from './ask.ts';
import { deliveryQuery, type DeliveryFilters } from './delivery-query.ts';
import { asDelivery } from './delivery-view.ts';
import { webhookProblems } from './problems.ts';

export interface DeliveriesPage {
  readonly views: readonly DeliveryView[];
  readonly nextPageToken: Uint8Array | undefined;
}

/**
 * The API's access to deliveries in Temporal. Reading needs no worker. A delivery of another tenant or endpoint is
 * `delivery_not_found`. Throws `ApiProblem` for every error that a caller can meet.
 */
export interface DeliveriesGateway {
  /** Newest first. A page may be short, or empty, and have another behind it. */
  list(
    tenant: string,
    endpoint: string,
    filters: Pick<DeliveryFilters, 'status'>,
    page: { readonly limit: number; readonly pageToken: Uint8Array | undefined },
  ): Promise<DeliveriesPage>;
  view(tenant: string, endpoint: string, id: string): Promise<DeliveryView>;
  /** About how many have failed that were started since then (ISO 8601). */
  countFailed(tenant: string, endpoint: string, since: string): Promise<number>;
  /** Makes the next attempt of one that waits now; starts one that has ended again, with the same event. */
  retry(tenant: string, endpoint: string, id: string): Promise<DeliveryView>;
  /** Starts a delivery, and waits until it has ended, or for at most `waitMs`. */
  send(input: DeliveryInput, waitMs: number): Promise<DeliveryView>;
}

const LOOK_EVERY_MS = 250;

export function createDeliveriesGateway({
  client,
  clock,
}: {
  readonly client: Client;
  readonly clock: Clock;
}): DeliveriesGateway {
  const { namespace, loadedDataConverter: dataConverter } = client.options;
  const ask = createAsk(webhookProblems.deliveryNotFound);

  /** Undefined where it cannot be decoded: in a list, one delivery must not hide the others. */
  const viewOf = async (execution: Execution, endpoint: string): Promise<DeliveryView | undefined> => {
    const value = await readMemo({ dataConverter, namespace }, execution, 'view').catch(() => undefined);
    return asDelivery(value, endpoint, execution);
  };

  const find = async (tenant: string, endpoint: string, id: string) => {
    const described: Description | undefined = await describe(client, id);
    const execution = described?.execution;
    if (!id.startsWith(deliveryWorkflowId(endpoint, '')) || execution?.attributes.tenant !== tenant) {
      throw webhookProblems.deliveryNotFound();
    }
    const view = await viewOf(execution, endpoint);
    if (!view) throw webhookProblems.deliveryNotFound();
    return { execution, view };
  };

  const listed = async (query: string, pageSize: number, nextPageToken: Uint8Array = new Uint8Array()) => {
    const request = { namespace, query, pageSize, nextPageToken };
    const reply = await within(client, deadlines.list, () => client.workflowService.listWorkflowExecutions(request));
    return { executions: reply.executions.map(executionOf), token: reply.nextPageToken };
  };

  /** Of deliveries that were started again, the runs before the newest: each is one row. */
  const replacedRuns = async (executions: readonly Execution[]): Promise<ReadonlySet<string>> => {
    const ids = [...new Set(executions.map(({ id }) => id))];
    if (ids.length === 0) return new Set();
    const query = `WorkflowId IN (${ids.map(quote).join(',')}) AND ExecutionStatus!='ContinuedAsNew'`;
    const all = (await listed(query, 1_000)).executions.toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
    const newest = new Map<string, string>();
    for (const { id, runId } of all) if (!newest.has(id)) newest.set(id, runId);
    return new Set(executions.flatMap(({ id, runId }) => ((newest.get(id) ?? runId) === runId ? [] : [runId])));
  };

  const signal = async (id: string): Promise<boolean> => {
    try {
      await within(client, deadlines.signal, () => client.workflow.getHandle(id).signal(deliverySignals.retryNow));
      return true;
    } catch (error) {
      if (isWorkflowGone(error)) return false;
      throw error;
    }
  };

  const start = async (input: DeliveryInput, again: boolean): Promise<boolean> => {
    try {
      const options = deliveryOptions(input, clock.now(), again);
      await within(client, deadlines.start, () => startWorkflow(client, 'webhookDelivery', options));
      return true;
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
      throw error;
    }
  };

  return {
    async list(tenant, endpoint, filters, { limit, pageToken }) {
      return await ask(async () => {
        const page = await listed(deliveryQuery(tenant, endpoint, filters), limit, pageToken);
        const replaced = await replacedRuns(page.executions);
        const newest = page.executions.filter(({ runId }) => !replaced.has(runId));
        const views = await Promise.all(newest.map(async (execution) => await viewOf(execution, endpoint)));
        return {
          views: views.filter((view) => view !== undefined).filter(hasStatus(filters.status)),
          nextPageToken: page.token.length > 0 ? page.token : undefined,
        };
      });
    },

    view: async (tenant, endpoint, id) => (await ask(() => find(tenant, endpoint, id))).view,

    async countFailed(tenant, endpoint, since) {
      const query = deliveryQuery(tenant, endpoint, { status: 'failed', startedSince: since });
      return await ask(async () => (await within(client, deadlines.list, () => client.workflow.count(query))).count);
    },

    async retry(tenant, endpoint, id) {
      return await ask(async () => {
        const { execution, view } = await find(tenant, endpoint, id);
        const input = { v: 1, tenant, endpoint, event: view.event } as const;
        // It may end, or be started by another request, in between.
        const isAsked = (execution.state === 'running' && (await signal(id))) || (await start(input, true));
        if (!isAsked) await signal(id);
        return (await find(tenant, endpoint, id)).view;
      });
    },

    async send(input, waitMs) {
      const { tenant, endpoint, event } = input;
      const id = deliveryWorkflowId(endpoint, event.id);
      return await ask(async () => {
        await start(input, false);
        for (let waited = 0; ; waited += LOOK_EVERY_MS) {
          const { view } = await find(tenant, endpoint, id);
          if (view.status !== 'pending' || waited >= waitMs) return view;
          await sleep(LOOK_EVERY_MS);
        }
      });
    },
  };
}

/** The memo is newer than the row. */
const hasStatus =
  (status: DeliveryStatus | undefined) =>
  (view: DeliveryView): boolean =>
    status === undefined || view.status === status;
