import { ApplicationFailure, CancelledFailure, TimeoutFailure, TimeoutType } from '@temporalio/common';
import { describe, expect, test } from 'vitest';
import { wantedBackground } from '../../../workflows/connection/background.ts';
import { wantedUpkeep } from '../../../workflows/connection/keep-fresh.ts';
import type { ConnectionState } from '../../../workflows/connection/phases.ts';
import { after, connected, credential, grantReceived, isoAt, newConnection, problem } from './connection-events.ts';
import {
  now,
  facts,
  sealedReply,
  degraded,
  sealed,
  runOf,
  asRuntime,
  upkeepThatEnds,
  failsWith,
  asksAgain,
  type Run,
} from './keep-fresh-runtime.ts';

describe('upkeep that was cancelled or otherwise ended', () => {
  test('upkeep that is cancelled while no attempt runs changes nothing in the state', async () => {
    const { state } = await upkeepThatEnds(failsWith(new CancelledFailure('cancelled')));
    expect(state).toEqual(connected());
  });

  test('the facts that a running attempt reports when upkeep is cancelled are taken into the state', async () => {
    const { state } = await upkeepThatEnds(asksAgain([facts]));
    expect(state.credential).toEqual({ ...credential(), ...facts });
    expect(state.phase.status).toBe('active');
  });

  test('upkeep that ends with a report without facts or of another version is started again a minute later', async () => {
    for (const details of [[{ v: 1 }], [{ ...facts, v: 2 }], [{ ...facts, generation: '2' }], [null], ['text'], []]) {
      const { state } = await upkeepThatEnds(asksAgain(details));
      expect(state.upkeepHeldUntil).toBe(isoAt(now + 60_000));
      expect(state.credential).toEqual(credential());
    }
  });

  test('upkeep that ends by a timeout changes nothing in the state and adds no timeline entry', async () => {
    // The marker in the record shows the next attempt whether a token was spent.
    const { state } = await upkeepThatEnds(
      failsWith(new TimeoutFailure('late', undefined, TimeoutType.START_TO_CLOSE)),
    );
    expect(state).toEqual(connected());
  });

  test('upkeep that ends by an unknown failure is recorded in the timeline and started again a minute later', async () => {
    const { state } = await upkeepThatEnds(failsWith(ApplicationFailure.create({ type: 'TypeError', message: 'x' })));
    expect(state).toMatchObject({ phase: { status: 'active' }, upkeepHeldUntil: isoAt(now + 60_000) });
    expect(state.timeline.at(-1)?.event).toBe('upkeep_interrupted');
  });

  test('an error that is not an activity failure is a bug, and is thrown again', async () => {
    await expect(upkeepThatEnds(() => Promise.reject(new Error('a bug')))).rejects.toThrow('a bug');
  });

  const shapeless = { v: 1, outcome: 'fresh', replayed: false, warnings: null };
  test.each([
    [{ v: 1 }],
    [{ v: 1, outcome: 'of a newer build' }],
    [shapeless],
    [{ ...shapeless, facts: { generation: 2 } }],
    [{ ...shapeless, facts: credential(), warnings: 'none' }],
    [{ v: 1, outcome: 'refused' }],
    [{ v: 1, outcome: 'unavailable', problem: 'no', retryAfterSeconds: null }],
    [{ v: 1, outcome: 'unavailable', problem: problem(), retryAfterSeconds: 'soon' }],
    [{ v: 1, outcome: 'sealed', facts: credential() }],
  ])('upkeep that returns a result of unknown shape is started again a minute later: %j', async (answer) => {
    const { state } = await upkeepThatEnds(() => Promise.resolve(answer));
    expect(state).toMatchObject({ upkeepHeldUntil: isoAt(now + 60_000), credential: credential() });
  });

  test.each([[undefined], [null], ['fresh'], [7], [{}], [{ v: 2, outcome: 'fresh' }], [[]]])(
    'upkeep that returns a result of another build is started again a minute later: %j',
    async (answer) => {
      const { state } = await upkeepThatEnds(() => Promise.resolve(answer));
      expect(state.upkeepHeldUntil).toBe(isoAt(now + 60_000));
    },
  );
});

describe('upkeep that returned', () => {
  const returns = (outcome: object, state?: ConnectionState) =>
    upkeepThatEnds(() => Promise.resolve({ v: 1, ...outcome }), state);
  const fresh = { outcome: 'fresh', facts: credential({ generation: 7 }), replayed: false, warnings: null };

  test('a degraded connection is active again with the new facts once upkeep returns fresh', async () => {
    const { state } = await returns(fresh, degraded());
    expect(state).toMatchObject({ phase: { status: 'active' }, credential: { generation: 7 } });
  });

  test('upkeep that returns unavailable degrades the connection, and the retry is when the cloud asked for it', async () => {
    const { state } = await returns({ outcome: 'unavailable', problem: problem(), retryAfterSeconds: 900 });
    expect(state.phase).toMatchObject({ status: 'degraded', failures: 1, retryAt: isoAt(now + 900_000) });
  });

  test('upkeep that returns refused puts the connection into action_required, with the problem', async () => {
    const { state } = await returns({ outcome: 'refused', problem: problem('invalid_grant') });
    expect(state.phase).toMatchObject({ status: 'action_required', problem: { code: 'invalid_grant' } });
  });

  test('a sealed reply is kept although the facts that came with it are not valid', async () => {
    const { state } = await returns({ outcome: 'sealed', sealed: sealedReply, facts: { generation: 'two' } });
    expect(state).toMatchObject({ phase: { status: 'degraded' }, sealed: { reply: sealedReply, facts: null } });
  });

  test('a sealed reply is kept although a disconnect was accepted before the reply was applied', async () => {
    const outcome = { v: 1, outcome: 'sealed', sealed: sealedReply, facts: credential({ generation: 2 }) };
    const run = runOf(connected(), () => Promise.resolve(outcome));
    const settle = await wantedUpkeep(asRuntime(run))?.run();
    run.state = after(run.state, { type: 'disconnectRequested' });
    await settle?.();
    expect(run.state).toMatchObject({ phase: { status: 'disconnecting' }, sealed: { reply: sealedReply } });
  });
});

describe('operations beside upkeep', () => {
  const key = (state: ConnectionState, changes: Partial<Run> = {}) =>
    wantedBackground(asRuntime(Object.assign(runOf(state), changes)))?.key;
  const leaving = () => after(connected(), { type: 'disconnectRequested' });

  test('a disconnect waits for the attempt that is under way, because it may still hold a reply', () => {
    expect(key(leaving(), { isRunning: () => true })).toBeUndefined();
    expect(key(leaving())).toBe('disconnect/retire');
  });

  test('a sealed reply is stored before any other operation begins', () => {
    const state = after(sealed(), grantReceived('second'), { type: 'annotated', name: 'Acme', tags: [] });
    expect(key(state)).toBe('storeSealed/attempt');
  });

  test('a grant is proven and then promoted, each in an operation of its own', () => {
    const proving = after(newConnection(), grantReceived('first'), {
      type: 'grantAdvanced',
      pendingRef: 'first',
      step: 'proof',
    });
    expect(key(proving)).toBe('proof/first/0');
    const account = { id: 'ada', displayName: null };
    const proven = after(proving, { type: 'grantAdvanced', pendingRef: 'first', step: 'promotion', account });
    expect(key(proven)).toBe('promotion/first');
  });

  test('a failed grant is discarded before the changed about record is written', () => {
    const failed = after(connected(), grantReceived('second'), {
      type: 'grantFailed',
      pendingRef: 'second',
      problem: problem(),
    });
    const renamed = after(failed, { type: 'annotated', name: 'Acme', tags: [] });
    expect(key(renamed)).toBe('discard/second');
    const discarded = after(renamed, { type: 'discarded', pendingRef: 'second' });
    expect(key(discarded)).toBe('about');
    expect(key(after(discarded, { type: 'aboutWritten' }))).toBeUndefined();
  });

  test('no operation begins once an operator has cancelled the workflow', () => {
    const renamed = after(connected(), { type: 'annotated', name: 'Acme', tags: [] });
    expect(key(renamed, { isStopping: true })).toBeUndefined();
    expect(key(renamed, { isStopping: false })).toBe('about');
  });
});
