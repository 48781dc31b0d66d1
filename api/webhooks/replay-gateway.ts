import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { taskQueues, workflowTypes } from '../../contracts/ids.ts';
import { searchAttributes as names } from '../../contracts/search-attributes.ts';
import { iso } from '../../contracts/time.ts';
import {
  newReplay,
  replayIdPrefix,
  replaySignals,
  type ReplayInput,
  type ReplayView,
} from '../../contracts/webhook-replays.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Json } from '../../platform/json.ts';
import { startWorkflow, type StartOptions } from '../../platform/temporal/typed-client.ts';
import { deadlines, within } from '../temporal/deadlines.ts';
import { describe } from '../temporal/description.ts';
import { isWorkflowGone } from '../temporal/errors.ts';
import { executionOf } from '../temporal/execution.ts';
import { readMemo } from '../temporal/memo.ts';
import { quote } from '../temporal/visibility.ts';
import { createAsk } from './ask.ts';
import { asReplay } from './delivery-view.ts';
import { webhookProblems } from './problems.ts';

/**
 * The API's access to replays in Temporal. One of another tenant or endpoint is `replay_not_found`. Throws `ApiProblem` for
 * every error that a caller can meet.
 */
export interface ReplaysGateway {
  /** When the id was used before, answers that replay instead. */
  start(input: ReplayInput): Promise<{ readonly created: boolean; readonly view: ReplayView }>;
  /** Needs no worker. */
  view(tenant: string, endpoint: string, id: string): Promise<ReplayView>;
  /** The id of one to this endpoint that has not ended, about a second behind. */
  running(tenant: string, endpoint: string): Promise<string | undefined>;
  /** One that has ended stays as it is. */
  cancel(tenant: string, endpoint: string, id: string): Promise<ReplayView>;
}

export function createReplaysGateway({
  client,
  clock,
}: {
  readonly client: Client;
  readonly clock: Clock;
}): ReplaysGateway {
  const { namespace, loadedDataConverter: dataConverter } = client.options;
  const ask = createAsk(webhookProblems.replayNotFound);

  const read = async (tenant: string, endpoint: string, id: string): Promise<ReplayView> => {
    const execution = id.startsWith(replayIdPrefix(endpoint)) ? (await describe(client, id))?.execution : undefined;
    if (execution?.attributes.tenant !== tenant) throw webhookProblems.replayNotFound();
    const view = asReplay(await readMemo({ dataConverter, namespace }, execution, 'view'), endpoint, execution);
    if (!view) throw webhookProblems.replayNotFound();
    return view;
  };

  return {
    async start(input) {
      return await ask(async () => {
        try {
          const view = newReplay(input, iso(clock.now()));
          await within(client, deadlines.start, () =>
            startWorkflow(client, 'webhookReplay', startOptions(input, view)),
          );
          return { created: true, view };
        } catch (error) {
          if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
          return { created: false, view: await read(input.tenant, input.endpoint, input.id) };
        }
      });
    },

    view: async (tenant, endpoint, id) => await ask(() => read(tenant, endpoint, id)),

    async running(tenant, endpoint) {
      const query = [
        `WorkflowType=${quote(workflowTypes.webhookReplay)}`,
        `WorkflowId STARTS_WITH ${quote(replayIdPrefix(endpoint))}`,
        `${names.tenant.name}=${quote(tenant)}`,
        `ExecutionStatus='Running'`,
      ].join(' AND ');
      const { executions } = await ask(() =>
        within(client, deadlines.list, () =>
          client.workflowService.listWorkflowExecutions({ namespace, query, pageSize: 1 }),
        ),
      );
      return executions.map(executionOf)[0]?.id;
    },

    async cancel(tenant, endpoint, id) {
      return await ask(async () => {
        const before = await read(tenant, endpoint, id);
        try {
          await within(client, deadlines.signal, () => client.workflow.getHandle(id).signal(replaySignals.cancel));
        } catch (error) {
          if (!isWorkflowGone(error)) throw error;
          return await read(tenant, endpoint, id);
        }
        return before.status === 'running' ? { ...before, status: 'cancelling' } : before;
      });
    },
  };
}

const startOptions = (input: ReplayInput, view: ReplayView) =>
  ({
    workflowId: input.id,
    taskQueue: taskQueues.workflows,
    args: [input],
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    workflowIdConflictPolicy: 'FAIL',
    typedSearchAttributes: [{ key: defineSearchAttributeKey(names.tenant.name, 'KEYWORD'), value: input.tenant }],
    memo: { view } as unknown as Record<string, Json>,
    staticSummary: `Replay of ${input.scope} events since ${input.since} to ${input.endpoint} for ${input.tenant}`,
  }) satisfies StartOptions<'webhookReplay'>;
