import {
  ApplicationFailure,
  isGrpcCancelledError,
  isGrpcDeadlineError,
  isGrpcServiceError,
  ServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type Client,
} from '@temporalio/client';
import { TemporalUnavailable } from '../activities/batches/ports.ts';
import type { ConnectionView } from '../contracts/connection.ts';
import type { Problem } from '../contracts/problem.ts';

const DEADLINE_MS = 10_000;

/** Calls Temporal with a deadline. Rejects with {@link TemporalUnavailable} where there is no answer. */
export const createAsk =
  (client: Client) =>
  async <T>(call: () => Promise<T>): Promise<T> => {
    try {
      // A gRPC deadline is a point in real time, so the injected clock does not apply.
      return await client.withDeadline(Date.now() + DEADLINE_MS, call);
    } catch (error) {
      if (isUnanswered(error)) throw new TemporalUnavailable('Temporal did not answer.', { cause: error });
      throw error;
    }
  };
export type Ask = ReturnType<typeof createAsk>;

/** The connection as its memo has it; undefined where there is none. */
export async function viewOf(client: Client, ask: Ask, id: string): Promise<ConnectionView | undefined> {
  try {
    const { memo } = await ask(() => client.workflow.getHandle(id).describe());
    return memo?.['view'] as ConnectionView | undefined;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** The connection's own refusal of an update; its details carry the remedy. Undefined for any other error. */
export function refusalOf(error: unknown): Problem | undefined {
  if (!(error instanceof WorkflowUpdateFailedError)) return undefined;
  const { cause } = error;
  if (!(cause instanceof ApplicationFailure) || typeof cause.type !== 'string') return undefined;
  const [details] = (cause.details ?? []) as [{ remedy?: string }?];
  if (typeof details?.remedy !== 'string') return undefined;
  return { code: cause.type, message: cause.message, remedy: details.remedy };
}

/** It is not known whether the call was served: there was no answer within the deadline. */
export const isDeadline = ({ cause }: TemporalUnavailable): boolean =>
  cause instanceof WorkflowUpdateRPCTimeoutOrCancelledError ||
  isGrpcDeadlineError(cause) ||
  isGrpcCancelledError(cause);

function isUnanswered(error: unknown): boolean {
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return true;
  return isGrpcServiceError(error instanceof ServiceError ? error.cause : error);
}
