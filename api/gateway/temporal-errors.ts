import {
  ApplicationFailure,
  isGrpcDeadlineError,
  isGrpcServiceError,
  NamespaceNotFoundError,
  ServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { ApiProblem } from '../problem.ts';
import { temporalProblems } from './temporal-problems.ts';

/** gRPC status codes (grpc/status.proto) that callers are told apart. */
const codes = {
  invalidArgument: 3,
  notFound: 5,
  permissionDenied: 7,
  resourceExhausted: 8,
  unavailable: 14,
  unauthenticated: 16,
} as const;

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

/**
 * What Temporal or a workflow said, as a caller of the API is told. `silent` is who has not answered when the deadline
 * passed: a call that needs a worker can't tell. An unknown error is answered unchanged: a fault of ours.
 */
export function fromTemporal(error: unknown, silent: 'worker' | 'temporal'): unknown {
  if (error instanceof WorkflowUpdateFailedError) return fromRejection(error);
  if (error instanceof NamespaceNotFoundError) return temporalProblems.namespaceMissing(error);
  if (isDeadline(error)) {
    return silent === 'worker' ? temporalProblems.noWorkerAnswered(error) : temporalProblems.unavailable(error);
  }
  const status = error instanceof ServiceError ? error.cause : error;
  if (!isGrpcServiceError(status)) return error;
  const code: number = status.code;
  switch (code) {
    case codes.resourceExhausted:
      return temporalProblems.tooManyInFlight(error);
    case codes.unavailable:
      return temporalProblems.unavailable(error);
    case codes.permissionDenied:
    case codes.unauthenticated:
      return temporalProblems.refused(error);
    case codes.notFound:
      return /namespace/i.test(status.details) ? temporalProblems.namespaceMissing(error) : error;
    case codes.invalidArgument:
      return /search attribute/i.test(status.details) ? temporalProblems.searchAttributesMissing(error) : error;
    default:
      return error;
  }
}

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
