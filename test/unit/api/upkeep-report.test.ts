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

/** The report of a connection whose pending activity of that name last failed with `error`. */
const reportOf = async (error: Error | undefined, activity = 'keepFresh') => {
  const lastFailure = error && (await encodeErrorToFailure(defaultDataConverter, error));
  const activities = [{ activityType: { name: activity }, ...(lastFailure ? { lastFailure } : {}) }];
  return await reportedBy(decoding, { execution: executionOf({}), activities, task: undefined });
};
const ask = (more: object) =>
  askAgain({ atMs: 1, nowMs: 0, sentence: 's', facts: { ...facts, renewable: true, scopes: [] }, ...more });

describe('the report of a pending upkeep', () => {
  it('the report of a pending upkeep has the facts from the worker and the reason for a missing renewal', async () => {
    expect(await reportOf(ask({}))).toEqual({ facts, problem: undefined });
    expect(await reportOf(ask({ problem }))).toEqual({ facts, problem });
    expect(await reportOf(ask({ facts: null, problem }))).toEqual({ facts: undefined, problem });
  });

  it.each([
    ['there was no attempt yet', undefined, 'keepFresh'],
    ['a timeout hides it', new TimeoutFailure('t', undefined, 'START_TO_CLOSE'), 'keepFresh'],
    ['another activity waits', ask({}), 'proveGrant'],
    ['its details were dropped', ApplicationFailure.create({ type: 'ask_again', message: 'm' }), 'keepFresh'],
    [
      'its version is unknown',
      ApplicationFailure.create({ type: 'ask_again', message: 'm', details: [{ ...facts, v: 2 }] }),
      'keepFresh',
    ],
  ])('the report of a pending upkeep is empty where %s', async (_why, error, activity) => {
    expect(await reportOf(error, activity)).toEqual({ facts: undefined, problem: undefined });
  });

  it('an unknown failure of upkeep is reported as upkeep_failing without quoting its message', async () => {
    const { facts: none, problem: told } = await reportOf(
      ApplicationFailure.fromError(new Error('at http://10.0.0.1:8200')),
    );
    expect(none).toBeUndefined();
    expect(told?.code).toBe('upkeep_failing');
    expect(JSON.stringify(told)).not.toContain('10.0.0.1');
  });
});
