import type { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, test } from 'vitest';
import { cloudNotYet, notYet } from '../../../activities/failures.ts';
import { problems } from '../../../contracts/problem.ts';
import { ProviderError } from '../../../providers/provider.ts';

const scheduledMs = Date.parse('2030-01-01T00:00:00Z');
const HOUR_MS = 3_600_000;

/** The retry delay in seconds, one minute after an activity with this timeout (0 = none) was scheduled. */
async function delayOf(retryAfterSeconds: number | null, scheduleToCloseTimeoutMs = 0): Promise<number | undefined> {
  const environment = new MockActivityEnvironment({
    scheduledTimestampMs: scheduledMs,
    scheduleToCloseTimeoutMs,
  });
  const error = new ProviderError({
    class: 'transient',
    problem: problems.internal,
    delivery: 'answered',
    retryAfterSeconds,
  });
  const failed = () => Promise.resolve(cloudNotYet(error, scheduledMs + 60_000));
  const failure = (await environment.run(failed)) as ApplicationFailure;
  return failure.nextRetryDelay === undefined ? undefined : Number(failure.nextRetryDelay) / 1000;
}

test('a cloud that names no retry delay is retried by the retry policy', async () => {
  expect(await delayOf(null)).toBeUndefined();
});

test.each([
  [1, 5],
  [17, 17],
  [86_400, 3_600],
])(
  'a retry delay of %d s that the cloud asks for becomes %d s: no hot loop, and never more than an hour',
  async (wished, granted) => {
    expect(await delayOf(wished)).toBe(granted);
  },
);

test.each([
  [3_600, 10 * 60_000, 8.5 * 60],
  [3_600, 62_000, 5],
  [3_600, 7 * 24 * HOUR_MS, 3_600],
])('a retry delay of %d s in an activity with a timeout of %d ms is limited to %d s', async (wished, all, granted) => {
  expect(await delayOf(wished, all)).toBe(granted);
});

test.each([
  [0, 1],
  [1.2, 2],
  [86_400, 3_600],
])('a retry delay of %d s that Mooring itself sets becomes %d s', async (seconds, granted) => {
  const failed = () => Promise.resolve(notYet(problems.internal, seconds));
  const failure = (await new MockActivityEnvironment().run(failed)) as ApplicationFailure;
  expect(failure.nextRetryDelay).toBe(granted * 1000);
});
