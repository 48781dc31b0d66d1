import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { BatchConnections, Submitted } from '../activities/batches/ports.ts';
import { workflowTypes } from '../contracts/ids.ts';
import { messages, type CommandOf, type ReplyOf } from '../contracts/messages.ts';
import { searchAttributes } from '../contracts/search-attributes.ts';
import type { Clock } from '../platform/clock.ts';
import { startMemo, startOptions } from '../platform/temporal/connection-start.ts';
import { startWorkflow } from '../platform/temporal/typed-client.ts';
import type { SearchDigests } from '../stores/search-digests.ts';
import { createAsk, refusalOf, viewOf } from './asking-temporal.ts';

/** In place of the digest of a request: none is repeated for a connection of a batch. */
const REQUEST = 'batch';

type Submit = 'submitCredentials';

/** The connections of batches. Each is started and fed as the API does it. */
export function createBatchConnections(
  client: Client,
  clock: Clock,
  digests: Pick<SearchDigests, 'connection'>,
): BatchConnections {
  const ask = createAsk(client);
  return {
    async start(input, labels) {
      try {
        const found = await digests.connection(input.tenant, { name: input.name, account: null });
        const options = startOptions(input, startMemo(input, REQUEST, clock.now()), labels, found);
        await ask(() => startWorkflow(client, 'connection', options));
        return 'started';
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError) return 'exists';
        throw error;
      }
    },

    view: async (id) => await viewOf(client, ask, id),

    async submit(id, command): Promise<Submitted> {
      try {
        await ask(() =>
          client.workflow
            .getHandle(id)
            .executeUpdate<ReplyOf<Submit>, [CommandOf<Submit>]>(messages.submitCredentials, {
              args: [command],
              ...(command.requestId !== undefined && { updateId: command.requestId }),
            }),
        );
        return { outcome: 'taken' };
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return { outcome: 'refused', problem: ended };
        const problem = refusalOf(error);
        if (!problem) throw error;
        return { outcome: 'refused', problem };
      }
    },

    async living(tenant) {
      const query = `WorkflowType='${workflowTypes.connection}' AND ${searchAttributes.tenant.name}='${tenant}' AND ExecutionStatus='Running'`;
      return (await ask(() => client.workflow.count(query))).count;
    },
  };
}

const ended = {
  code: 'connection_ended',
  message: 'The connection has ended before the values reached it.',
  remedy: 'Add the item to the batch again.',
};
