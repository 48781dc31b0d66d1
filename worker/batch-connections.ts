import {
  ApplicationFailure,
  isGrpcServiceError,
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type Client,
} from '@temporalio/client';
import { TemporalUnavailable, type BatchConnections, type Submitted } from '../activities/batches/ports.ts';
import type { ConnectionView } from '../contracts/connection.ts';
import { workflowTypes } from '../contracts/ids.ts';
import { messages, type CommandOf, type ReplyOf } from '../contracts/messages.ts';
import { searchAttributes } from '../contracts/search-attributes.ts';
import type { Clock } from '../platform/clock.ts';
import { startMemo, startOptions } from '../platform/temporal/connection-start.ts';
import { startWorkflow } from '../platform/temporal/typed-client.ts';

const DEADLINE_MS = 10_000;

/** In place of the digest of a request: none is repeated for a connection of a batch. */
const REQUEST = 'batch';

type Submit = 'submitCredentials';

/** The connections of batches. Each is started and fed as the API does it. */
export function createBatchConnections(client: Client, clock: Clock): BatchConnections {
  const ask = async <T>(call: () => Promise<T>): Promise<T> => {
    try {
      // A gRPC deadline is a point in real time, so the injected clock does not apply.
      return await client.withDeadline(Date.now() + DEADLINE_MS, call);
    } catch (error) {
      if (isUnanswered(error)) throw new TemporalUnavailable('Temporal did not answer.', { cause: error });
      throw error;
    }
  };

  return {
    async start(input, labels) {
      try {
        const options = startOptions(input, startMemo(input, REQUEST, clock.now()), labels);
        await ask(() => startWorkflow(client, 'connection', options));
        return 'started';
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError) return 'exists';
        throw error;
      }
    },

    async view(id) {
      try {
        const { memo } = await ask(() => client.workflow.getHandle(id).describe());
        return memo?.['view'] as ConnectionView | undefined;
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return undefined;
        throw error;
      }
    },

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
        const refused = refusalOf(error);
        if (!refused) throw error;
        return refused;
      }
    },

    async living(tenant) {
      const query = `WorkflowType='${workflowTypes.connection}' AND ${searchAttributes.tenant.name}='${tenant}' AND ExecutionStatus='Running'`;
      return (await ask(() => client.workflow.count(query))).count;
    },
  };
}

/** The connection's own refusal; its details carry the remedy. Undefined for any other error. */
function refusalOf(error: unknown): Submitted | undefined {
  if (error instanceof WorkflowNotFoundError) return { outcome: 'refused', problem: ended };
  if (!(error instanceof WorkflowUpdateFailedError)) return undefined;
  const { cause } = error;
  if (!(cause instanceof ApplicationFailure) || typeof cause.type !== 'string') return undefined;
  const [details] = (cause.details ?? []) as [{ remedy?: string }?];
  if (typeof details?.remedy !== 'string') return undefined;
  return { outcome: 'refused', problem: { code: cause.type, message: cause.message, remedy: details.remedy } };
}

const ended = {
  code: 'connection_ended',
  message: 'The connection has ended before the values reached it.',
  remedy: 'Add the item to the batch again.',
};

function isUnanswered(error: unknown): boolean {
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return true;
  return isGrpcServiceError(error instanceof ServiceError ? error.cause : error);
}
