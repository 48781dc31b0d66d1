import {
  ApplicationFailure,
  isGrpcCancelledError,
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
import { ApiProblem, apiProblems } from '../http/problem.ts';
import { temporalProblems } from './problems.ts';

/** Every status of gRPC but OK (grpc/status.proto). */
const grpcCodes = {
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  aborted: 10,
  outOfRange: 11,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  dataLoss: 15,
  unauthenticated: 16,
} as const;

/** What a call waits for: a worker that serves a verb, a worker that answers a question, or Temporal alone. */
export type Waiting = 'verb' | 'question' | 'temporal';

const RejectionDetails = Type.Object({ remedy: Type.String(), status: Type.Integer({ minimum: 400, maximum: 599 }) });

export const isWorkflowGone = (error: unknown): error is WorkflowNotFoundError =>
  error instanceof WorkflowNotFoundError;

/**
 * The deadline of the call has passed (some layers report this as cancelled). It is unknown whether the server acted.
 */
export const isDeadline = (error: unknown): boolean =>
  error instanceof WorkflowUpdateRPCTimeoutOrCancelledError ||
  isGrpcDeadlineError(error) ||
  isGrpcCancelledError(error);

/** The run ended before it had completed an update that it had accepted. */
export const isOvertakenByEnd = (error: unknown): boolean =>
  error instanceof WorkflowUpdateFailedError &&
  error.cause instanceof ApplicationFailure &&
  error.cause.type === 'AcceptedUpdateCompletedWorkflow';

/**
 * The last task of the run is being completed. Temporal accepts no message until the next run has started, some
 * milliseconds later, and reports that as "resource exhausted".
 */
export function isRunClosing(error: unknown): boolean {
  const status = error instanceof ServiceError ? error.cause : error;
  if (!isGrpcServiceError(status)) return false;
  const code: number = status.code;
  return code === grpcCodes.resourceExhausted && /workflow is closing/i.test(status.details);
}

/** A gRPC "not found" of a direct service call. A missing namespace does not count. */
export function isNotFound(error: unknown): boolean {
  if (!isGrpcServiceError(error)) return false;
  const code: number = error.code;
  return code === grpcCodes.notFound && !/namespace/i.test(error.details);
}

/**
 * Turns an error of Temporal, or of a workflow, into the problem that the caller gets. Every gRPC status has one. An
 * error that is not from Temporal is returned unchanged: it is a bug.
 */
export function fromTemporal(error: unknown, waiting: Waiting): unknown {
  if (error instanceof WorkflowUpdateFailedError) return fromRejection(error);
  if (error instanceof WorkflowNotFoundError) return apiProblems.connectionNotFound();
  if (error instanceof NamespaceNotFoundError) return temporalProblems.namespaceMissing(error);
  if (isDeadline(error)) return withoutAnswer(error, waiting);
  const status = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(status) ? fromStatus(status.code, status.details, error, waiting) : error;
}

function withoutAnswer(error: unknown, waiting: Waiting): ApiProblem {
  if (waiting === 'temporal') return temporalProblems.unavailable(error);
  return waiting === 'verb' ? temporalProblems.verbUnanswered(error) : temporalProblems.noWorkerAnswered(error);
}

function fromStatus(code: number, details: string, error: unknown, waiting: Waiting): ApiProblem {
  switch (code) {
    case grpcCodes.resourceExhausted:
      return temporalProblems.tooManyInFlight(error);
    case grpcCodes.deadlineExceeded:
    case grpcCodes.cancelled:
      return withoutAnswer(error, waiting);
    case grpcCodes.unavailable:
      return temporalProblems.unavailable(error);
    case grpcCodes.permissionDenied:
    case grpcCodes.unauthenticated:
      return temporalProblems.refused(error);
    case grpcCodes.notFound:
      return /namespace/i.test(details) ? temporalProblems.namespaceMissing(error) : apiProblems.connectionNotFound();
    case grpcCodes.invalidArgument:
      return /search attribute/i.test(details)
        ? temporalProblems.searchAttributesMissing(error)
        : temporalProblems.notTaken(error);
    case grpcCodes.outOfRange:
      return temporalProblems.notTaken(error);
    case grpcCodes.unimplemented:
      return temporalProblems.tooOld(error);
    case grpcCodes.failedPrecondition:
      return /workflow task/i.test(details) ? temporalProblems.stuck(error) : temporalProblems.notInThisState(error);
    case grpcCodes.alreadyExists:
    case grpcCodes.aborted:
      return temporalProblems.overtaken(error);
    case grpcCodes.dataLoss:
      return temporalProblems.dataLost(error);
    case grpcCodes.unknown:
    case grpcCodes.internal:
    default:
      return temporalProblems.failed(error);
  }
}

/** A handler's `ApplicationFailure`: its type is the stable code; `details[0]` has the remedy and the HTTP status. */
function fromRejection(error: WorkflowUpdateFailedError): ApiProblem {
  const { cause } = error;
  const [details] = (cause instanceof ApplicationFailure && cause.details) || [];
  if (!(cause instanceof ApplicationFailure) || typeof cause.type !== 'string')
    return temporalProblems.notServed(error);
  if (!Value.Check(RejectionDetails, details)) return temporalProblems.notServed(error);
  return new ApiProblem({
    status: details.status,
    code: cause.type,
    message: cause.message,
    remedy: details.remedy,
    cause: error,
  });
}
