import { ActivityFailure, ApplicationFailure, RetryState } from '@temporalio/common';

import type { KeepFreshInput } from '../../../contracts/activities.ts';
import { wantedUpkeep } from '../../../workflows/connection/keep-fresh.ts';
import type { ConnectionState } from '../../../workflows/connection/phases.ts';
import type { ConnectionRuntime } from '../../../workflows/connection/runtime.ts';
import { apply } from '../../../workflows/connection/state.ts';
import { after, bornAt, connected, isoAt, problem } from './connection-events.ts';

export const HOUR_MS = 3_600_000;
export const now = bornAt + HOUR_MS;
export const facts = {
  v: 1,
  generation: 2,
  issuedAt: isoAt(now),
  expiresAt: null,
  nextRefreshAt: isoAt(now + HOUR_MS),
} as const;
export const sealedReply = { envelope: 'k1.sealed', attemptId: 'attempt', generation: 2 };
export const degraded = () =>
  after(connected(), { type: 'refreshFailed', problem: problem(), retryAt: isoAt(now + 10_000) });
export const sealed = () =>
  after(connected(), {
    type: 'replySealed',
    sealed: { reply: sealedReply, pendingRef: null, facts: null },
    retryAt: isoAt(now),
  });

/** A run as far as upkeep looks at it: the real state and its reducer, and an activity that ends as the test says. */
export function runOf(
  state: ConnectionState,
  ends: () => Promise<unknown> = () => Promise.reject(new Error('Not called.')),
) {
  const inputs: KeepFreshInput[] = [];
  const keepFresh = {
    executeWithOptions: (_options: unknown, [input]: [KeepFreshInput]) => {
      inputs.push(input);
      return ends();
    },
  };
  const run = {
    state,
    now,
    startedAt: bornAt,
    jitter: 0,
    run: { startedAt: bornAt, jitter: 0, historyEvents: 0, suggested: false, hasUpkeep: false },
    isStopping: false,
    runningUpkeep: false,
    cloud: { upkeep: { keepFresh } },
    isRunning: (): boolean => run.runningUpkeep,
    outbox: { take: () => ({ news: null, events: run.state.events.untold }), settle: () => undefined },
    change: (event: Parameters<typeof apply>[1]) => void (run.state = apply(run.state, event, isoAt(now))),
    inputs,
  };
  return run;
}
export type Run = ReturnType<typeof runOf>;
export const asRuntime = (run: Run) => run as unknown as ConnectionRuntime;

/** Starts upkeep, lets it end and applies what came of it. */
export async function upkeepThatEnds(ends: () => Promise<unknown>, state = connected()): Promise<Run> {
  const run = runOf(state, ends);
  const settle = await wantedUpkeep(asRuntime(run))?.run();
  if (!settle) throw new Error('This state has no upkeep.');
  await settle();
  return run;
}
export const failsWith = (cause: Error) => () =>
  Promise.reject(new ActivityFailure('failed', 'keepFresh', '1', RetryState.CANCEL_REQUESTED, 'worker', cause));
export const asksAgain = (details: unknown[]) =>
  failsWith(ApplicationFailure.create({ type: 'ask_again', message: 'Fresh.', details }));
