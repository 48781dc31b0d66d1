import { ApplicationFailure, defaultDataConverter, TimeoutFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { encodeErrorToFailure } from '../../../platform/temporal/sdk-internals.ts';
import { askAgain } from '../../../activities/refresh/keep-fresh.ts';
import { executionOf } from '../../../api/temporal/execution.ts';
import { reportedBy } from '../../../api/temporal/description.ts';

const decoding = { dataConverter: defaultDataConverter, namespace: 'default' };
const facts = {
  v: 1 as const,
  generation: 7,
  issuedAt: '2026-11-23T08:00:00.000Z',
  expiresAt: '2026-11-23T09:00:00.000Z',
  nextRefreshAt: null,
};
const problem = { code: 'busy', message: 'm', remedy: 'r' };

/** What is read of a connection whose activity of that name last failed so. */
const reportOf = async (error: Error | undefined, activity = 'keepFresh') => {
  const lastFailure = error && (await encodeErrorToFailure(defaultDataConverter, error));
  const activities = [{ activityType: { name: activity }, ...(lastFailure ? { lastFailure } : {}) }];
  return await reportedBy(decoding, { execution: executionOf({}), activities, task: undefined });
};
const ask = (more: object) =>
  askAgain({ atMs: 1, nowMs: 0, sentence: 's', facts: { ...facts, renewable: true, scopes: [] }, ...more });

describe('the report of a pending upkeep', () => {
  it('is read as the worker writes it: facts, and why a renewal has not happened', async () => {
    expect(await reportOf(ask({}))).toEqual({ facts, problem: undefined });
    expect(await reportOf(ask({ problem }))).toEqual({ facts, problem });
    expect(await reportOf(ask({ facts: null, problem }))).toEqual({ facts: undefined, problem });
  });

  it.each([
    ['there was no attempt yet', undefined, 'keepFresh'],
    ['a time-out hides it', new TimeoutFailure('t', undefined, 'START_TO_CLOSE'), 'keepFresh'],
    ['another activity waits', ask({}), 'proveGrant'],
    ['its details were dropped', ApplicationFailure.create({ type: 'ask_again', message: 'm' }), 'keepFresh'],
    [
      'it is of a version that is not known',
      ApplicationFailure.create({ type: 'ask_again', message: 'm', details: [{ ...facts, v: 2 }] }),
      'keepFresh',
    ],
  ])('says nothing where %s', async (_why, error, activity) => {
    expect(await reportOf(error, activity)).toEqual({ facts: undefined, problem: undefined });
  });

  it('is a warning where upkeep fails in a way that nobody knows, and quotes nothing of it', async () => {
    const { facts: none, problem: told } = await reportOf(
      ApplicationFailure.fromError(new Error('at http://10.0.0.1:8200')),
    );
    expect(none).toBeUndefined();
    expect(told?.code).toBe('upkeep_failing');
    expect(JSON.stringify(told)).not.toContain('10.0.0.1');
  });
});
