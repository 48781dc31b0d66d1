import {
  ApplicationFailure,
  ServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { fromTemporal, type Waiting } from '../../../api/temporal/errors.ts';

const grpcError = (code: number, details = 'd'): Error =>
  Object.assign(new Error('grpc'), { code, details, metadata: {} });
const failed = (code: number, details?: string): Error =>
  new ServiceError('Failed', { cause: grpcError(code, details) });
const rejected = (details: unknown[]): Error =>
  new WorkflowUpdateFailedError(
    'Workflow Update failed',
    ApplicationFailure.create({ type: 'connection_paused', message: 'The connection is paused.', details }),
  );

describe('errors of Temporal, as the API reports them', () => {
  it('a rejection by the connection keeps its code, message, remedy and status', () => {
    expect(fromTemporal(rejected([{ remedy: 'Resume it.', status: 409 }]), 'verb')).toMatchObject({
      name: 'ApiProblem',
      status: 409,
      code: 'connection_paused',
      message: 'The connection is paused.',
      remedy: 'Resume it.',
    });
  });

  /** grpc/status.proto. */
  const table: readonly (readonly [number, string, number, string])[] = [
    [1, 'CANCELLED', 503, 'no_worker_answered'],
    [2, 'UNKNOWN', 503, 'temporal_failed'],
    [3, 'INVALID_ARGUMENT', 503, 'temporal_request_refused'],
    [4, 'DEADLINE_EXCEEDED', 503, 'no_worker_answered'],
    [5, 'NOT_FOUND', 404, 'connection_not_found'],
    [6, 'ALREADY_EXISTS', 503, 'temporal_conflict'],
    [7, 'PERMISSION_DENIED', 503, 'temporal_refused'],
    [8, 'RESOURCE_EXHAUSTED', 429, 'too_many_requests_in_flight'],
    [9, 'FAILED_PRECONDITION', 503, 'temporal_precondition_failed'],
    [10, 'ABORTED', 503, 'temporal_conflict'],
    [11, 'OUT_OF_RANGE', 503, 'temporal_request_refused'],
    [12, 'UNIMPLEMENTED', 503, 'temporal_too_old'],
    [13, 'INTERNAL', 503, 'temporal_failed'],
    [14, 'UNAVAILABLE', 503, 'temporal_unavailable'],
    [15, 'DATA_LOSS', 503, 'temporal_data_lost'],
    [16, 'UNAUTHENTICATED', 503, 'temporal_refused'],
  ];

  it('every gRPC status becomes a problem with cause and remedy, and none becomes a 500', () => {
    for (const waiting of ['verb', 'question', 'temporal'] satisfies Waiting[]) {
      for (const [code, name] of table) {
        for (const error of [failed(code), grpcError(code)]) {
          const problem = fromTemporal(error, waiting);
          expect(problem, name).toMatchObject({ name: 'ApiProblem', message: /\.$/, remedy: /\.$/ });
          expect((problem as { status: number }).status, name).not.toBe(500);
        }
      }
    }
  });

  it.each(table)('for a verb, gRPC status %i (%s) becomes %i %s', (grpc, _name, status, code) => {
    expect(fromTemporal(failed(grpc), 'verb')).toMatchObject({ status, code });
  });

  it.each([
    ['a missing namespace', grpcError(5, 'Namespace x is not found.'), 503, 'temporal_namespace_missing'],
    [
      'missing search attributes',
      failed(3, 'no mapping defined for search attribute X'),
      503,
      'search_attributes_missing',
    ],
    [
      'a workflow whose task fails',
      failed(9, 'Unable to perform workflow execution update due to Workflow Task in failed state.'),
      503,
      'connection_stuck',
    ],
    [
      'a workflow that does not exist',
      new WorkflowNotFoundError('gone', 'con', undefined),
      404,
      'connection_not_found',
    ],
    [
      'an update that exceeds its deadline',
      new WorkflowUpdateRPCTimeoutOrCancelledError('t'),
      503,
      'no_worker_answered',
    ],
    ['a handler that fails without details', rejected([]), 503, 'verb_not_served'],
    [
      'a handler that fails with a status that is no error',
      rejected([{ remedy: 'r', status: 200 }]),
      503,
      'verb_not_served',
    ],
    ['an update without a handler', new WorkflowUpdateFailedError('f', new Error('unknown')), 503, 'verb_not_served'],
  ])('%s is reported with the status and code of its cause', (_what, error, status, code) => {
    expect(fromTemporal(error, 'verb')).toMatchObject({ name: 'ApiProblem', status, code });
  });

  it('an unanswered verb is reported as possibly still carried out, an unanswered question is not', () => {
    expect(fromTemporal(failed(4), 'verb')).toMatchObject({
      message: expect.stringContaining('may still be carried out'),
    });
    expect(fromTemporal(failed(4), 'question')).toMatchObject({ message: expect.not.stringContaining('carried out') });
  });

  it('an exceeded deadline is reported as temporal_unavailable where no worker was needed', () => {
    expect(fromTemporal(failed(4), 'temporal')).toMatchObject({ status: 503, code: 'temporal_unavailable' });
  });

  it('an error that does not come from Temporal is passed on unchanged', () => {
    const bug = new TypeError('bug');
    expect(fromTemporal(bug, 'verb')).toBe(bug);
  });
});
