import {
  ApplicationFailure,
  isGrpcDeadlineError,
  isGrpcServiceError,
  ServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { ApiProblem } from '../problem.ts';

/** gRPC status codes (grpc/status.proto) that callers are told apart. */
const grpcCodes = { resourceExhausted: 8, unavailable: 14 } as const;

const RejectionDetails = Type.Object({ remedy: Type.String(), status: Type.Integer({ minimum: 400, maximum: 599 }) });

export const isWorkflowGone = (error: unknown): error is WorkflowNotFoundError =>
  error instanceof WorkflowNotFoundError;

/** The deadline of the call passed: whether the server acted is not known. */
export const isDeadline = (error: unknown): boolean =>
  error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || isGrpcDeadlineError(error);

/** The workflow ended while an update that it had accepted was still to be served. */
export const isOvertakenByEnd = (error: unknown): boolean =>
  error instanceof WorkflowUpdateFailedError &&
  error.cause instanceof ApplicationFailure &&
  error.cause.type === 'AcceptedUpdateCompletedWorkflow';

/** What Temporal or a workflow said, as a caller of the API is told. An unknown error is answered unchanged. */
export function fromTemporal(error: unknown): unknown {
  if (error instanceof WorkflowUpdateFailedError) return fromRejection(error);
  if (isDeadline(error)) {
    return new ApiProblem({
      status: 503,
      code: 'no_worker_answered',
      message:
        'The connection did not answer in time: no worker runs, all of them are busy, or Temporal is out of reach.',
      remedy:
        'Look at GET /readyz, and at the pollers of the task queue in the Temporal UI; then repeat the request with the same Idempotency-Key.',
      details: { retryAfterSeconds: 5 },
      cause: error,
    });
  }
  switch (grpcCode(error)) {
    case grpcCodes.resourceExhausted:
      return new ApiProblem({
        status: 429,
        code: 'too_many_requests_in_flight',
        message: 'Too many requests for this connection, or for Temporal as a whole, are in flight.',
        remedy: 'Wait for the answers to those, then try again.',
        details: { retryAfterSeconds: 2 },
        cause: error,
      });
    case grpcCodes.unavailable:
      return temporalUnavailable(error);
    default:
      return error;
  }
}

export const temporalUnavailable = (cause: unknown): ApiProblem =>
  new ApiProblem({
    status: 503,
    code: 'temporal_unavailable',
    message: 'Temporal does not answer.',
    remedy: 'Connections are safe and go on as soon as it does. Check TEMPORAL_ADDRESS and that the server is up.',
    details: { retryAfterSeconds: 5 },
    cause,
  });

/** A handler's `ApplicationFailure`: its type is the stable code; `details[0]` has the remedy and the HTTP status. */
function fromRejection(error: WorkflowUpdateFailedError): unknown {
  const { cause } = error;
  if (!(cause instanceof ApplicationFailure) || typeof cause.type !== 'string') return error;
  const [details] = cause.details ?? [];
  if (!Value.Check(RejectionDetails, details)) return error;
  return new ApiProblem({
    status: details.status,
    code: cause.type,
    message: cause.message,
    remedy: details.remedy,
    cause: error,
  });
}

function grpcCode(error: unknown): number | undefined {
  const candidate = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(candidate) ? candidate.code : undefined;
}
