import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { initialView } from '../../../contracts/connection-view.ts';
import { createdEvent } from '../../../contracts/webhook-events.ts';
import { connectionEventTypes, type ConnectionEventData, type WebhookEvent } from '../../../contracts/webhooks.ts';
import { initialState, type ConnectionEvent, type ConnectionState } from '../../../workflows/connection/phases.ts';
import { stateFrom } from '../../../workflows/connection/restart.ts';
import { upgradeState } from '../../../workflows/connection/versions.ts';
import {
  after,
  anyDraw,
  bornAt,
  connected,
  credential,
  endingDraw,
  grantReceived,
  invitation,
  isoAt,
  live,
  newConnection,
  problem,
} from './connection-events.ts';

const lives = fc.array(fc.oneof({ weight: 12, arbitrary: anyDraw }, { weight: 1, arbitrary: endingDraw }), {
  maxLength: 60,
});
const dataOf = (event: WebhookEvent): ConnectionEventData => event.data as ConnectionEventData;
const untold = (state: ConnectionState): readonly WebhookEvent[] => state.events.untold;
const typesOf = (state: ConnectionState): string[] => untold(state).map(({ type }) => type.replace('connection.', ''));
const typesAfter = (start: ConnectionState, ...events: readonly ConnectionEvent[]): string[] =>
  typesOf(after({ ...start, events: { sequence: 0, untold: [] } }, ...events));

const degraded: ConnectionEvent = { type: 'refreshFailed', problem: problem(), retryAt: isoAt(bornAt) };
const refreshed: ConnectionEvent = {
  type: 'refreshed',
  credential: credential({ generation: 2 }),
  forced: false,
  replayed: false,
  warnings: null,
};
const refused: ConnectionEvent = { type: 'refused', problem: problem('invalid_grant') };
const proof = (pendingRef: string): ConnectionEvent => ({ type: 'grantAdvanced', pendingRef, step: 'proof' });

describe('what endpoints are told of a connection', () => {
  test('its events are counted from 1 without a gap, and each has an id of its own', () => {
    fc.assert(
      fc.property(lives, (draws) => {
        const events = untold(live(draws).at(-1) ?? newConnection());
        expect(events.map((event) => dataOf(event).sequence)).toEqual(events.map((_, index) => index + 1));
        expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
        expect(events[0]?.type).toBe('connection.created');
      }),
      { numRuns: 300 },
    );
  });

  test('every change of its status is told: what was told last has the status that it has, and the one before', () => {
    fc.assert(
      fc.property(lives, (draws) => {
        const states = live(draws);
        for (const [index, state] of states.entries()) {
          const last = untold(state).at(-1) ?? expect.fail();
          expect(dataOf(last).connection.status).toBe(state.phase.status);
          const before = states[index - 1];
          if (before && before.events.sequence < state.events.sequence) {
            expect(state.events.sequence).toBe(before.events.sequence + 1);
            expect(dataOf(last).previousStatus).toBe(before.phase.status);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test('what is told leaves the list of what is to be told, and changes no number', () => {
    const state = after(connected(), degraded);
    const ids = untold(state).map(({ id }) => id);
    const told = after(state, { type: 'told', ids: ids.slice(0, 2) });
    expect(untold(told).map(({ id }) => id)).toEqual(ids.slice(2));
    expect(told.events.sequence).toBe(state.events.sequence);
    const ended = after(newConnection(), { type: 'invitationLapsed' });
    expect(untold(after(ended, { type: 'told', ids: untold(ended).map(({ id }) => id) }))).toEqual([]);
  });

  test('a first sign-in is told as connected, and a later one as reauthorized', () => {
    expect(typesOf(connected())).toEqual(['created', 'signed_in', 'connected']);
    const again: ConnectionEvent[] = [
      grantReceived('second'),
      proof('second'),
      { type: 'grantAdvanced', pendingRef: 'second', step: 'promotion', account: { id: 'ada', displayName: null } },
      { type: 'promoted', pendingRef: 'second', credential: credential() },
    ];
    expect(typesAfter(connected(), { type: 'invited', invitation: invitation(2) }, ...again)).toEqual([
      'invited',
      'signed_in',
      'reauthorized',
    ]);
  });

  test('a renewal, a forced refresh and a renaming are never told', () => {
    const renamed: ConnectionEvent = { type: 'annotated', name: 'new', tags: [] };
    expect(typesAfter(connected(), refreshed, { ...refreshed, forced: true }, renamed)).toEqual([]);
  });

  test('a failure is told once, and so is its end', () => {
    expect(typesAfter(connected(), degraded, degraded, refreshed, refreshed)).toEqual(['degraded', 'recovered']);
  });

  test('a refusal is told once, and again where its reason is another one', () => {
    expect(typesAfter(connected(), refused, refused, { ...refused, problem: problem('permission_missing') })).toEqual([
      'action_required',
      'action_required',
    ]);
  });

  test('what fails beneath a pause is told with the status that the pause ends in', () => {
    const state = after(connected(), { type: 'paused' }, degraded, { type: 'resumed' });
    expect(typesOf(state).slice(-2)).toEqual(['paused', 'resumed']);
    const last = dataOf(untold(state).at(-1) ?? expect.fail());
    expect(last).toMatchObject({ previousStatus: 'paused', connection: { status: 'degraded' }, problem: problem() });
  });

  test('a sign-in that fails, or is turned down, is told with the problem and the status it goes back to', () => {
    const failed = after(connected(), grantReceived('second'), proof('second'), {
      type: 'grantFailed',
      pendingRef: 'second',
      problem: problem('account_mismatch'),
    });
    const event = untold(failed).at(-1);
    expect(event).toMatchObject({
      type: 'connection.sign_in_failed',
      data: { connection: { status: 'active' }, problem: { code: 'account_mismatch' } },
    });
    const revoked = after(newConnection(), grantReceived('first'), proof('first'), { type: 'invitationRevoked' });
    expect(typesOf(revoked).at(-1)).toBe('sign_in_failed');
  });

  test('every type that endpoints can choose is told of some change', () => {
    const seen = new Set<string>();
    for (const draws of fc.sample(fc.array(fc.oneof(anyDraw, endingDraw), { minLength: 30, maxLength: 60 }), {
      numRuns: 400,
      seed: 1,
    })) {
      for (const start of [newConnection(), connected()]) {
        for (const { type } of untold(live(draws, start).at(-1) ?? start)) seen.add(type);
      }
    }
    const confirmed = after(newConnection(), grantReceived('first', true), proof('first'), {
      type: 'grantAdvanced',
      pendingRef: 'first',
      step: 'confirmation',
      account: { id: 'ada', displayName: null },
    });
    const again = after(
      connected(),
      grantReceived('second'),
      proof('second'),
      { type: 'grantAdvanced', pendingRef: 'second', step: 'promotion', account: { id: 'ada', displayName: null } },
      { type: 'promoted', pendingRef: 'second', credential: credential() },
      { type: 'paused' },
      { type: 'resumed' },
    );
    for (const type of [...typesOf(confirmed), ...typesOf(again)]) seen.add(`connection.${type}`);
    expect([...connectionEventTypes].filter((type) => !seen.has(type))).toEqual([]);
  });

  test('an event is below 4 KB, whatever a cloud said and a caller named', () => {
    const long = (character: string) => character.repeat(10_000);
    const named = after(
      connected(),
      { type: 'annotated', name: long('ü'), tags: Array.from({ length: 100 }, (_, n) => `tag-${n}`) },
      { type: 'refused', problem: { code: 'refused', message: long('m'), remedy: long('r'), link: long('l') } },
    );
    const event = untold(named).at(-1);
    expect(Buffer.byteLength(JSON.stringify(event))).toBeLessThan(4_096);
    expect(event?.data).toMatchObject({ problem: { code: 'refused' } });
  });

  test('the API tells of a new connection in the same bytes as the workflow', () => {
    const input = { ...newInput, tags: ['blue'], name: 'Blog' };
    const told = createdEvent(initialView(input, bornAt));
    const state = initialState(input, invitation(1), isoAt(bornAt + 250), null, isoAt(bornAt));
    expect(JSON.stringify(untold(state)[0])).toBe(JSON.stringify(told));
  });

  test('a state from before there were events is counted from 1 on', () => {
    const { events: _events, ...older } = connected();
    const state = upgradeState({ ...older, v: 1 } as unknown as ConnectionState);
    expect(state).toMatchObject({ v: 2, events: { sequence: 0, untold: [] } });
    expect(dataOf(untold(after(state, { type: 'paused' }))[0] ?? expect.fail()).sequence).toBe(1);
  });

  test('a connection that was rebuilt counts on above every number that it had, and does not know its last status', () => {
    const { ref, name, tags, setup, account, epoch, createdAt, request } = connected();
    const about = {
      v: 1 as const,
      connection: ref,
      name,
      tags,
      setup,
      account,
      epoch,
      createdAt,
      discovery: null,
      request,
    };
    const at = isoAt(bornAt);
    const state = stateFrom({ restart: 1, about, as: 'stopped', at, discards: [], revocation: null });
    expect(untold(state)).toHaveLength(1);
    expect(dataOf(untold(state)[0] ?? expect.fail())).toMatchObject({
      previousStatus: null,
      sequence: bornAt / 1000 + 1,
    });
  });
});

const newInput = {
  id: newConnection().ref.id,
  tenant: 'acme',
  provider: 'cloud',
  region: 'region-1',
  method: 'sign_in',
  name: null as string | null,
  tags: [] as string[],
  setup: {},
  discovery: null,
  invitation: { lifetimeSeconds: 14 * 86_400, passcodeRequired: false, confirm: false },
};
