import type { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, test } from 'vitest';
import { cloudNotYet, notYet } from '../../../activities/failures.ts';
import { problems } from '../../../contracts/problem.ts';
import { ProviderError } from '../../../providers/provider.ts';

const scheduledMs = Date.parse('2030-01-01T00:00:00Z');
const HOUR_MS = 3_600_000;

/** The delay that is asked of Temporal, in seconds, a minute into an activity with that much time. */
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

test('a cloud that wishes nothing is asked again as the retry policy says', async () => {
  expect(await delayOf(null)).toBeUndefined();
});

test.each([
  [1, 5],
  [17, 17],
  [86_400, 3_600],
])('a wish of %d s is granted as %d s: no hot loop, and no pause of more than an hour', async (wished, granted) => {
  expect(await delayOf(wished)).toBe(granted);
});

test.each([
  [3_600, 10 * 60_000, 8.5 * 60],
  [3_600, 62_000, 5],
  [3_600, 7 * 24 * HOUR_MS, 3_600],
])(
  'of %d s in an activity that has %d ms in all, %d s are granted, so that it tries once more',
  async (wished, all, granted) => {
    expect(await delayOf(wished, all)).toBe(granted);
  },
);

test.each([
  [0, 1],
  [1.2, 2],
  [86_400, 3_600],
])('a delay of %d s that another than a cloud sets is %d s', async (seconds, granted) => {
  const failed = () => Promise.resolve(notYet(problems.internal, seconds));
  const failure = (await new MockActivityEnvironment().run(failed)) as ApplicationFailure;
  expect(failure.nextRetryDelay).toBe(granted * 1000);
});
