import { CancelledFailure } from '@temporalio/common';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { wantedUpkeep } from '../../../workflows/connection/keep-fresh.ts';
import type { ConnectionState } from '../../../workflows/connection/phases.ts';
import { hasUpkeep } from '../../../workflows/connection/schedule.ts';
import {
  after,
  anyDraw,
  bornAt,
  connected,
  credential,
  endingDraw,
  grantReceived,
  isoAt,
  live,
  newConnection,
  problem,
} from './connection-events.ts';
import { HOUR_MS, now, degraded, runOf, asRuntime, failsWith, type Run } from './keep-fresh-runtime.ts';

describe('upkeep is wanted', () => {
  const wanted = (state: ConnectionState, changes: Partial<Run> = {}) =>
    wantedUpkeep(asRuntime({ ...runOf(state), ...changes }))?.key;

  test('upkeep is wanted while a credential works, also during a re-authorisation', () => {
    expect(wanted(connected())).toBe('active');
    expect(wanted(degraded())).toBe('degraded');
    expect(wanted(after(connected(), grantReceived('second')))).toBe('active');
    expect(wanted(newConnection())).toBeUndefined();
  });

  test('upkeep is wanted in every phase that has upkeep, and never while a reply is sealed', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(anyDraw, endingDraw), { maxLength: 60 }), (draws) => {
        const state = live(draws, connected()).at(-1) ?? connected();
        const isWanted = wanted(state) !== undefined;
        if (state.sealed || !hasUpkeep(state.phase)) expect(isWanted).toBe(false);
        if (state.sealed || state.upkeepHeldUntil || !hasUpkeep(state.phase)) return;
        expect(isWanted).toBe(true);
      }),
    );
  });

  test('upkeep is not wanted once an operator has cancelled the workflow, nor in a run that is over', () => {
    expect(wanted(connected(), { isStopping: true })).toBeUndefined();
    const run = { startedAt: bornAt, jitter: 0, historyEvents: 200, suggested: false, hasUpkeep: false };
    expect(wanted(connected(), { run })).toBeUndefined();
    expect(wanted(connected(), { now: bornAt + 24 * HOUR_MS })).toBeUndefined();
  });

  test('interrupted upkeep is not wanted before its waiting time is over', () => {
    const until = isoAt(now + 1);
    const state = after(connected(), { type: 'upkeepInterrupted', until });
    expect(wanted(state)).toBeUndefined();
    expect(wanted(state, { now: now + 1 })).toBe('active');
  });
});

describe('upkeep is started', () => {
  const input = async (state: ConnectionState) => {
    const run = runOf(state, failsWith(new CancelledFailure('cancelled')));
    await wantedUpkeep(asRuntime(run))?.run();
    return run.inputs[0];
  };

  test('upkeep is started with an input that stays true for a day: no generation, no attempt, no due time', async () => {
    expect(await input(connected())).toEqual({
      v: 1,
      connection: connected().ref,
      returnAt: isoAt(bornAt + 24 * HOUR_MS),
      degradedSince: null,
      isRefused: false,
      notBefore: null,
      knownWarnings: [],
      discovery: null,
      news: null,
      events: connected().events.untold,
    });
  });

  test('upkeep of a degraded connection is started with the times of the first failure and of the next try', async () => {
    expect(await input(degraded())).toMatchObject({
      degradedSince: degraded().phase.since,
      notBefore: isoAt(now + 10_000),
    });
    expect(await input(after(degraded(), grantReceived('second')))).toMatchObject({
      degradedSince: degraded().phase.since,
    });
  });

  test('upkeep is started with the codes of the known warnings', async () => {
    const warned = after(connected(), {
      type: 'refreshed',
      credential: credential(),
      forced: false,
      replayed: false,
      warnings: [problem('client_secret_expires')],
    });
    expect(await input(warned)).toMatchObject({ knownWarnings: ['client_secret_expires'] });
  });
});
