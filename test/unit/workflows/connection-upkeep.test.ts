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

describe('the current details in the Temporal UI', () => {
  test('text of a cloud is shown as it is: it makes no link, no image and no line of its own', () => {
    const said = '[Sign in](https://evil.example) ![](https://evil.example/x.png)\n\n# **active**\u202E <b>';
    const told = { code: 'x`y', message: said, remedy: said };
    const state = { ...connected(), account: { id: '1_2', displayName: said }, warnings: [told] };
    const details = currentDetails(after(state, { type: 'refused', problem: told }));
    expect(details).not.toMatch(/(?<!\\)[[<`]|(?<!\\):\/\/|\u202E|^#/m);
    expect(details.split('\n\n').filter((line) => line.startsWith('**'))).toHaveLength(1);
    expect(details).toContain('Account: \\[Sign in\\](https\\://evil.example)');
  });
});

describe('a connection whose workflow is ended from outside', () => {
  test('a connection whose workflow is ended from outside is stopped with a reason, and its links stop working', () => {
    const invited = after(connected(), { type: 'invited', invitation: invitation(2, { purpose: 'reauthorize' }) });
    const stopped = after(invited, stop);
    expect(stopped).toMatchObject({ phase: { status: 'stopped' }, invitation: null, epoch: 3 });
    expect(viewOf(stopped)).toMatchObject({ status: 'stopped', problem: { code: 'stopped' } });
    expect(currentDetails(stopped)).toContain('/recover');
    expect(last(stopped)).toBe('stopped');
  });

  test('a stopped connection keeps its account and the facts of its credential', () => {
    const before = connected();
    expect(after(before, stop)).toMatchObject({ account: before.account, credential: before.credential });
  });

  test('a stopped connection discards the grant that was being verified', () => {
    const stopped = after(connected(), grantReceived('second'), stop);
    expect(stopped.discards).toEqual(['second']);
  });

  test('a second stop does not change a stopped connection', () => {
    const once = after(connected(), stop);
    expect(after(once, stop)).toBe(once);
  });

  test.each([
    ['paused', after(connected(), { type: 'paused' })],
    ['waiting for an action', after(connected(), { type: 'refused', problem: problem('invalid_grant') })],
    ['waiting for its customer', newConnection()],
  ])('a connection that is %s can be stopped too', (_what, state) => {
    expect(after(state, stop).phase.status).toBe('stopped');
  });

  test('a stop does not change a connection that is disconnecting, so that revocation goes on', () => {
    const leaving = after(connected(), disconnect);
    expect(after(leaving, stop)).toBe(leaving);
  });

  test('a recovered connection is active again with the facts of the stored credential', () => {
    const recovered = after(connected(), stop, { type: 'recovered', credential: credential({ generation: 9 }), until });
    expect(recovered).toMatchObject({ phase: { status: 'active' }, credential: { generation: 9 } });
    expect(viewOf(recovered).problem).toBeNull();
    expect(last(recovered)).toBe('recovered');
  });

  test('a recovered connection that was never connected waits for its customer, without an invitation yet', () => {
    const recovered = after(newConnection(), stop, { type: 'recovered', credential: null, until });
    expect(recovered).toMatchObject({ phase: { status: 'awaiting_customer', until }, invitation: null });
  });

  test('a recovery does not change a connection that is not stopped', () => {
    const state = after(connected(), { type: 'paused' });
    expect(after(state, { type: 'recovered', credential: credential(), until })).toBe(state);
  });

  test('a stopped connection can be disconnected', () => {
    expect(after(connected(), stop, disconnect).phase).toMatchObject({ status: 'disconnecting', step: 'retire' });
  });
});

describe('what an attempt of upkeep reported before it was cancelled', () => {
  const facts = { v: 1, generation: 3, issuedAt: until, expiresAt: null, nextRefreshAt: until } as const;

  test('the facts that a cancelled attempt of upkeep reported become those of the credential in use', () => {
    const told = after(connected(), { type: 'upkeepReported', facts });
    expect(told.credential).toEqual({ ...credential(), ...facts });
    expect(told.timeline).toEqual(connected().timeline);
  });

  test('the facts of a cancelled attempt count during a re-authorisation, a pause, a disconnection and a stop', () => {
    for (const between of [grantReceived('second'), { type: 'paused' } as const, disconnect, stop]) {
      const told = after(connected(), between, { type: 'upkeepReported', facts });
      expect(told.credential?.generation).toBe(3);
      expect(told.phase).toEqual(after(connected(), between).phase);
    }
  });

  test('the facts of a cancelled attempt are ignored where newer facts are known or there is no credential', () => {
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

describe('upkeep that ended in an unknown way', () => {
  test('interrupted upkeep is recorded in the timeline, and waits before it is started again', () => {
    const interrupted = after(connected(), { type: 'upkeepInterrupted', until });
    expect(interrupted).toMatchObject({ phase: { status: 'active' }, upkeepHeldUntil: until });
    expect(last(interrupted)).toBe('upkeep_interrupted');
    expect(after(interrupted, { type: 'upkeepResumed' }).upkeepHeldUntil).toBeNull();
  });

  test('interrupted upkeep waits no longer once a renewal has succeeded', () => {
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

  test('a reply that could not be stored degrades an active connection, and is kept sealed', () => {
    expect(after(connected(), replySealed)).toMatchObject({
      phase: { status: 'degraded', problem: { code: 'secret_store_unavailable' } },
      sealed,
    });
  });

  test('a reply that could not be stored is kept for revocation while disconnecting, and changes nothing else', () => {
    const leaving = after(connected(), disconnect);
    const kept = after(leaving, replySealed);
    expect(kept).toMatchObject({ phase: leaving.phase, sealed });
    expect(kept.timeline).toEqual(leaving.timeline);
    const revoked = after(kept, { type: 'retired' }, { type: 'revoked', revocation: { outcome: 'nothing_to_revoke' } });
    expect(revoked.sealed).toBeNull();
  });

  test('a sealed reply can be replaced by the same reply under a newer key, but is not created by that', () => {
    const reply = { ...sealed.reply, envelope: 'k2.sealed' };
    expect(after(connected(), replySealed, { type: 'resealed', reply }).sealed).toEqual({ ...sealed, reply });
    const state = connected();
    expect(after(state, { type: 'resealed', reply })).toBe(state);
  });
});

describe('a message of the wrong shape', () => {
  const refused = (message: string, reason: string) => ({ type: 'messageRefused', message, reason }) as const;

  test('a message of the wrong shape is written into the timeline once for each kind', () => {
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

  test('a message of the wrong shape changes nothing but the timeline', () => {
    const state = after(connected(), grantReceived('second'));
    const { timeline: _timeline, updatedAt: _at, ...rest } = after(state, refused('callback', 'it is not an object'));
    expect(state).toMatchObject(rest);
  });
});

describe('the about record, from which a lost connection is started again', () => {
  const annotated = { type: 'annotated', name: 'Acme', tags: ['prod'] } as const;

  test('the about record is out of date after name or tags have changed, until it is written', () => {
    const state = after(connected(), annotated);
    expect(state).toMatchObject({ name: 'Acme', tags: ['prod'], aboutStale: true });
    expect(after(state, { type: 'aboutWritten' }).aboutStale).toBe(false);
  });

  test('the about record is not out of date before the first connection, because promotion will write it', () => {
    expect(after(newConnection(), annotated).aboutStale).toBe(false);
  });
});

describe('a state that another build carried over', () => {
  test('a state of the present version is taken over unchanged', () => {
    for (const state of [newConnection(), connected(), after(connected(), stop)]) {
      expect(upgradeState(JSON.parse(JSON.stringify(state)) as ConnectionState)).toEqual(state);
    }
  });

  test.each([
    [3, '3'],
    [99, '99'],
    [0, '0'],
    [undefined, 'NaN'],
    ['one', 'NaN'],
  ])('a state of the unknown version %j is refused with an error that names the known version', (v, named) => {
    const carried = { ...connected(), v } as unknown as ConnectionState;
    expect(() => upgradeState(carried)).toThrow(`This build knows states up to version 2, and was given ${named}.`);
  });
});
