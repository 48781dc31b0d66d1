import { Context } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { keepInHeartbeat } from '../../../activities/heartbeat-details.ts';
import { heartbeat } from '../../../worker/heartbeat.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('an activity sends a heartbeat every three seconds until it ends, with the details for the next attempt', async () => {
  const environment = new MockActivityEnvironment({ heartbeatTimeoutMs: 10_000 }, { interceptors: [heartbeat] });
  const beats: unknown[] = [];
  environment.on('heartbeat', (details) => beats.push(details));
  const end = Promise.withResolvers<undefined>();
  const kept = Promise.withResolvers<undefined>();
  const running = environment.run(async () => {
    await kept.promise;
    keepInHeartbeat(Context.current(), { done: ['instance'] });
    await end.promise;
  });
  await vi.advanceTimersByTimeAsync(3_000);
  kept.resolve(undefined);
  await vi.advanceTimersByTimeAsync(6_000);
  end.resolve(undefined);
  await running;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(beats).toEqual([undefined, { done: ['instance'] }, { done: ['instance'] }]);
});
