import {
  ApplicationFailure,
  ServiceError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { fromTemporal } from '../../../api/gateway/temporal-errors.ts';

const grpcError = (code: number, details = 'd'): Error =>
  Object.assign(new Error('grpc'), { code, details, metadata: {} });
const failed = (code: number, details?: string): Error =>
  new ServiceError('Failed', { cause: grpcError(code, details) });
const rejected = (details: unknown[]): Error =>
  new WorkflowUpdateFailedError(
    'Workflow Update failed',
    ApplicationFailure.create({ type: 'connection_paused', message: 'The connection is paused.', details }),
  );

describe('what Temporal says, as a caller is told', () => {
  it('is the rejection of the connection, with its code, remedy and status', () => {
    expect(fromTemporal(rejected([{ remedy: 'Resume it.', status: 409 }]), 'worker')).toMatchObject({
      name: 'ApiProblem',
      status: 409,
      code: 'connection_paused',
      message: 'The connection is paused.',
      remedy: 'Resume it.',
    });
  });

  it.each([
    ['too much in flight', failed(8), 429, 'too_many_requests_in_flight'],
    ['an unreachable server', failed(14), 503, 'temporal_unavailable'],
    ['a deadline', failed(4), 503, 'no_worker_answered'],
    ['a wrong key', failed(16), 503, 'temporal_refused'],
    ['a missing namespace', grpcError(5, 'Namespace x is not found.'), 503, 'temporal_namespace_missing'],
    [
      'missing search attributes',
      failed(3, 'no mapping defined for search attribute X'),
      503,
      'search_attributes_missing',
    ],
    ['a deadline of an update', new WorkflowUpdateRPCTimeoutOrCancelledError('t'), 503, 'no_worker_answered'],
  ])('is %s as %s', (_what, error, status, code) => {
    expect(fromTemporal(error, 'worker')).toMatchObject({ name: 'ApiProblem', status, code });
  });

  it('is a deadline of Temporal’s own where no worker was needed', () => {
    expect(fromTemporal(failed(4), 'temporal')).toMatchObject({ status: 503, code: 'temporal_unavailable' });
  });

  it.each([
    ['a failure without remedy and status', rejected([])],
    ['a failure with a status that is none', rejected([{ remedy: 'r', status: 200 }])],
    ['a failure that is not the handler’s', new WorkflowUpdateFailedError('f', new Error('bug'))],
    ['an argument that the server does not take', failed(3, 'other')],
    ['anything else', new TypeError('bug')],
  ])('is left as a fault of ours for %s', (_what, error) => {
    expect(fromTemporal(error, 'worker')).toBe(error);
  });
});
