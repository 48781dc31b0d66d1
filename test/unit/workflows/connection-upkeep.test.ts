import { describe, expect, test } from 'vitest';
import type { ConnectionState } from '../../../workflows/connection/phases.ts';
import { upgradeState } from '../../../workflows/connection/versions.ts';
import { currentDetails, viewOf } from '../../../workflows/connection/view.ts';
import {
  after,
  bornAt,
  connected,
  credential,
  grantReceived,
  invitation,
  isoAt,
  newConnection,
  problem,
} from './connection-events.ts';

const last = ({ timeline }: ConnectionState): string | undefined => timeline.at(-1)?.event;
const until = isoAt(bornAt + 60_000);
const sealed = { reply: { envelope: 'k1.sealed', attemptId: 'attempt', generation: 2 }, pendingRef: null, facts: null };
const disconnect = { type: 'disconnectRequested' } as const;
const stop = { type: 'stopped' } as const;

describe('a connection whose workflow is ended from outside', () => {
  test('is stopped, says why, and its links stop working', () => {
    const invited = after(connected(), { type: 'invited', invitation: invitation(2, { purpose: 'reauthorize' }) });
    const stopped = after(invited, stop);
    expect(stopped).toMatchObject({ phase: { status: 'stopped' }, invitation: null, epoch: 3 });
    expect(viewOf(stopped)).toMatchObject({ status: 'stopped', problem: { code: 'stopped' } });
    expect(currentDetails(stopped)).toContain('/recover');
    expect(last(stopped)).toBe('stopped');
  });

  test('keeps what it knows of its account and its credential', () => {
    const before = connected();
    expect(after(before, stop)).toMatchObject({ account: before.account, credential: before.credential });
  });

  test('gives up what waits to be taken in', () => {
    const stopped = after(connected(), grantReceived('second'), stop);
    expect(stopped.discards).toEqual(['second']);
  });

  test('is stopped once', () => {
    const once = after(connected(), stop);
    expect(after(once, stop)).toBe(once);
  });

  test.each([
    ['paused', after(connected(), { type: 'paused' })],
    ['waiting for an action', after(connected(), { type: 'refused', problem: problem('invalid_grant') })],
    ['waiting for its customer', newConnection()],
  ])('is stopped from %s too', (_what, state) => {
    expect(after(state, stop).phase.status).toBe('stopped');
  });

  test('is not stopped any more once it is ending: revocation goes on', () => {
    const leaving = after(connected(), disconnect);
    expect(after(leaving, stop)).toBe(leaving);
  });

  test('that is recovered is active again, with the facts of what is stored', () => {
    const recovered = after(connected(), stop, { type: 'recovered', credential: credential({ generation: 9 }), until });
    expect(recovered).toMatchObject({ phase: { status: 'active' }, credential: { generation: 9 } });
    expect(viewOf(recovered).problem).toBeNull();
    expect(last(recovered)).toBe('recovered');
  });

  test('that never came in waits for its customer again, with a new invitation to be made', () => {
    const recovered = after(newConnection(), stop, { type: 'recovered', credential: null, until });
    expect(recovered).toMatchObject({ phase: { status: 'awaiting_customer', until }, invitation: null });
  });

  test('is recovered only from being stopped', () => {
    const state = after(connected(), { type: 'paused' });
    expect(after(state, { type: 'recovered', credential: credential(), until })).toBe(state);
  });

  test('can be disconnected as it is', () => {
    expect(after(connected(), stop, disconnect).phase).toMatchObject({ status: 'disconnecting', step: 'retire' });
  });
});

describe('what an attempt of upkeep reported before it was cancelled', () => {
  const facts = { v: 1, generation: 3, issuedAt: until, expiresAt: null, nextRefreshAt: until } as const;

  test('counts: what it issued is what is in use', () => {
    const told = after(connected(), { type: 'upkeepReported', facts });
    expect(told.credential).toEqual({ ...credential(), ...facts });
    expect(told.timeline).toEqual(connected().timeline);
  });

  test('counts beneath a re-authorisation, in a pause, and while disconnecting', () => {
    for (const between of [grantReceived('second'), { type: 'paused' } as const, disconnect, stop]) {
      const told = after(connected(), between, { type: 'upkeepReported', facts });
      expect(told.credential?.generation).toBe(3);
      expect(told.phase).toEqual(after(connected(), between).phase);
    }
  });

  test('counts for nothing where something newer is known, or nothing ever came in', () => {
    const newer = after(connected(), {
      type: 'refreshed',
      credential: credential({ generation: 4 }),
      forced: true,
      replayed: false,
      warnings: [],
    });
    expect(after(newer, { type: 'upkeepReported', facts })).toBe(newer);
    const unconnected = newConnection();
    expect(after(unconnected, { type: 'upkeepReported', facts })).toBe(unconnected);
  });
});

describe('upkeep that ended in a way that is not known', () => {
  test('is noted, and waits before it is started again', () => {
    const interrupted = after(connected(), { type: 'upkeepInterrupted', until });
    expect(interrupted).toMatchObject({ phase: { status: 'active' }, upkeepHeldUntil: until });
    expect(last(interrupted)).toBe('upkeep_interrupted');
    expect(after(interrupted, { type: 'upkeepResumed' }).upkeepHeldUntil).toBeNull();
  });

  test('waits no longer once a renewal has succeeded', () => {
    const refreshed = {
      type: 'refreshed',
      credential: credential(),
      forced: true,
      replayed: false,
      warnings: [],
    } as const;
    expect(after(connected(), { type: 'upkeepInterrupted', until }, refreshed).upkeepHeldUntil).toBeNull();
  });
});

describe('a reply that the store would not take', () => {
  const replySealed = { type: 'replySealed', sealed, retryAt: until } as const;

  test('degrades the connection that is in use, and is kept', () => {
    expect(after(connected(), replySealed)).toMatchObject({
      phase: { status: 'degraded', problem: { code: 'secret_store_unavailable' } },
      sealed,
    });
  });

  test('that comes while disconnecting is kept for revocation, and changes nothing else', () => {
    const leaving = after(connected(), disconnect);
    const kept = after(leaving, replySealed);
    expect(kept).toMatchObject({ phase: leaving.phase, sealed });
    expect(kept.timeline).toEqual(leaving.timeline);
    const revoked = after(kept, { type: 'retired' }, { type: 'revoked', revocation: { outcome: 'nothing_to_revoke' } });
    expect(revoked.sealed).toBeNull();
  });

  test('is replaced by the same reply under a newer key, and never appears by that', () => {
    const reply = { ...sealed.reply, envelope: 'k2.sealed' };
    expect(after(connected(), replySealed, { type: 'resealed', reply }).sealed).toEqual({ ...sealed, reply });
    const state = connected();
    expect(after(state, { type: 'resealed', reply })).toBe(state);
  });
});

describe('a message of the wrong shape', () => {
  const refused = (message: string, reason: string) => ({ type: 'messageRefused', message, reason }) as const;

  test('is written into the timeline, once for each kind', () => {
    const state = after(
      connected(),
      refused('callback', 'it is not an object'),
      refused('callback', 'it is not an object'),
      refused('discoveryDone', 'it is not an object'),
    );
    const texts = state.timeline.filter(({ event }) => event === 'message_refused').map(({ text }) => text);
    expect(texts).toEqual([
      "The message 'callback' was refused: it is not an object",
      "The message 'discoveryDone' was refused: it is not an object",
    ]);
  });

  test('changes nothing else, in whatever phase', () => {
    const state = after(connected(), grantReceived('second'));
    const { timeline: _timeline, updatedAt: _at, ...rest } = after(state, refused('callback', 'it is not an object'));
    expect(state).toMatchObject(rest);
  });
});

describe('what a lost connection is started again from', () => {
  const annotated = { type: 'annotated', name: 'Acme', tags: ['prod'] } as const;

  test('is to be written again when name or tags have changed, until it is', () => {
    const state = after(connected(), annotated);
    expect(state).toMatchObject({ name: 'Acme', tags: ['prod'], aboutStale: true });
    expect(after(state, { type: 'aboutWritten' }).aboutStale).toBe(false);
  });

  test('is not written before there is anything to be lost: promotion writes it', () => {
    expect(after(newConnection(), annotated).aboutStale).toBe(false);
  });
});

describe('a state that an older build carried over', () => {
  test('of the present version passes as it is', () => {
    for (const state of [newConnection(), connected(), after(connected(), stop)]) {
      expect(upgradeState(JSON.parse(JSON.stringify(state)) as ConnectionState)).toEqual(state);
    }
  });

  test.each([
    [2, '2'],
    [99, '99'],
    [0, '0'],
    [undefined, 'NaN'],
    ['one', 'NaN'],
  ])('of version %j is refused with the reason, and waits for the build that knows it', (v, named) => {
    const carried = { ...connected(), v } as unknown as ConnectionState;
    expect(() => upgradeState(carried)).toThrow(`This build knows states up to version 1, and was given ${named}.`);
  });
});
