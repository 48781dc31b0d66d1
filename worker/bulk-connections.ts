import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { TemporalUnavailable } from '../activities/batches/ports.ts';
import type { Asked, BulkConnections } from '../activities/bulk/ports.ts';
import { messages, type CommandOf, type UpdateName } from '../contracts/messages.ts';
import { startUpdate } from '../platform/temporal/typed-client.ts';
import { createAsk, isDeadline, refusalOf, viewOf } from './asking-temporal.ts';

/** Connections, asked as the API asks them. */
export function createBulkConnections(client: Client): BulkConnections {
  const ask = createAsk(client);
  return {
    view: async (id) => await viewOf(client, ask, id),

    async ask<N extends UpdateName>(id: string, name: N, command: CommandOf<N>): Promise<Asked> {
      const updateId = command.requestId ?? `${messages[name]}:${id}`;
      try {
        const update = await ask(() => startUpdate(client, id, name, { command, updateId }));
        await ask(() => update.result());
        return { outcome: 'done' };
      } catch (error) {
        // Of this connection: its workflow is stuck, or the cloud is slow. Others are asked all the same.
        if (error instanceof TemporalUnavailable && isDeadline(error)) return { outcome: 'unanswered' };
        if (error instanceof WorkflowNotFoundError) return { outcome: 'gone' };
        const problem = refusalOf(error);
        if (!problem) throw error;
        return { outcome: 'refused', problem };
      }
    },
  };
}
