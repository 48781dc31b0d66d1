import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changedAttributes, attributesOf } from '../../../workflows/connection/attributes.ts';
import { guards, joinsForced, malformed } from '../../../workflows/connection/guards.ts';
import type { ConnectionState } from '../../../workflows/connection/phases.ts';
import {
  after,
  anyDraw,
  bornAt,
  connected,
  credential,
  endingDraw,
  grantReceived,
  live,
  newConnection,
} from './connection-events.ts';

const tenant = 'acme';
const command = { tenant };
const nowMs = bornAt + 600_000;
const askRefresh = (state: ConnectionState, minTtlSeconds: number | null, askedAtMs = nowMs) =>
  guards.refresh(state, { tenant, minTtlSeconds }, nowMs, askedAtMs);

describe('a command', () => {
  test("a command to another tenant's connection is answered with not found, whatever its state", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(anyDraw, endingDraw), { maxLength: 40 }), (draws) => {
        const state = live(draws).at(-1) ?? newConnection();
        const stranger = { tenant: 'other', minTtlSeconds: null, epoch: 1, ref: 'x', deadlineSeconds: null };
        for (const name of Object.keys(guards) as (keyof typeof guards)[]) {
          const verdict = guards[name](state, stranger, nowMs, nowMs);
          expect(verdict).toMatchObject({ kind: 'not_found', code: 'connection_not_found' });
        }
      }),
    );
  });

  test('a command to an ending connection is refused as connection_ended, but a disconnect is accepted', () => {
    const leaving = after(connected(), { type: 'disconnectRequested' });
    for (const name of ['alive', 'invite', 'reauthorize', 'confirm', 'pause', 'working'] as const) {
      expect(guards[name](leaving, command)).toMatchObject({ kind: 'conflict', code: 'connection_ended' });
    }
    expect(guards.any(leaving, command)).toBeUndefined();
  });

  test('a confirmation is refused unless an account waits for it', () => {
    expect(guards.confirm(connected(), command)?.code).toBe('nothing_to_confirm');
    const waiting = after(
      newConnection(),
      grantReceived('first', true),
      { type: 'grantAdvanced', pendingRef: 'first', step: 'proof' },
      { type: 'grantAdvanced', pendingRef: 'first', step: 'confirmation' },
    );
    expect(guards.confirm(waiting, command)).toBeUndefined();
  });

  test('a re-authorisation is refused before the first connection, and a plain invitation after it', () => {
    expect(guards.reauthorize(newConnection(), command)?.code).toBe('nothing_to_reauthorize');
    expect(guards.invite(connected(), command)?.code).toBe('already_connected');
    expect(guards.reauthorize(connected(), command)).toBeUndefined();
  });
});

describe('a refresh', () => {
  test('a refresh is refused with the reason where a connection is not connected, is paused or needs an action', () => {
    expect(askRefresh(newConnection(), null)?.code).toBe('not_connected');
    expect(askRefresh(after(connected(), { type: 'paused' }), null)?.code).toBe('connection_paused');
    const problem = { code: 'invalid_grant', message: 'Withdrawn.', remedy: 'Sign in again.' };
    expect(askRefresh(after(connected(), { type: 'refused', problem }), null)).toMatchObject(problem);
  });

  test('a refresh for a longer life than tokens have is refused, and the remedy names the longest life', () => {
    const verdict = askRefresh(connected(), 3601);
    expect(verdict).toMatchObject({ kind: 'unprocessable', code: 'minimum_life_too_long' });
    expect(verdict?.remedy).toContain('3600');
    expect(askRefresh(connected(), 3600)).toBeUndefined();
  });

  test('a refresh can be forced once a minute, and an earlier one is refused with the time to wait', () => {
    const forced: ConnectionState = { ...connected(), forcedAt: new Date(nowMs - 20_000).toISOString() };
    expect(askRefresh(forced, null)).toMatchObject({ kind: 'too_soon', code: 'refresh_too_soon' });
    expect(askRefresh(forced, null)?.remedy).toContain('40 seconds');
    expect(askRefresh({ ...forced, forcedAt: new Date(nowMs - 60_000).toISOString() }, null)).toBeUndefined();
  });

  test('a forced refresh also serves another caller that asked before its end or up to nine seconds after it', () => {
    const forced: ConnectionState = { ...connected(), forcedAt: new Date(nowMs).toISOString() };
    for (const askedAtMs of [nowMs - 1_000, nowMs, nowMs + 9_000]) {
      expect(joinsForced(forced, askedAtMs)).toBe(true);
      expect(askRefresh(forced, null, askedAtMs)).toBeUndefined();
    }
    expect(joinsForced(forced, nowMs + 9_001)).toBe(false);
    expect(askRefresh(forced, null, nowMs + 9_001)?.code).toBe('refresh_too_soon');
    expect(joinsForced(connected(), nowMs)).toBe(false);
  });

  test('a refresh of a credential that cannot be renewed is refused by the guard', () => {
    const state = { ...connected(), credential: credential({ renewable: false, nextRefreshAt: null }) };
    expect(askRefresh(state, null)?.code).toBe('no_refresh_token');
    expect(askRefresh(state, 60)?.code).toBe('no_refresh_token');
  });

  test('a refresh for any life is accepted where the credential does not expire', () => {
    const state = { ...connected(), credential: credential({ expiresAt: null }) };
    expect(askRefresh(state, 1e9)).toBeUndefined();
  });
});

describe('a connection whose workflow was ended from outside', () => {
  const stopped = after(connected(), { type: 'stopped' });
  const submission = { tenant, epoch: 2, ref: 'x', deadlineSeconds: null };

  test('a stopped connection refuses every command that would let it go on, and the remedy names the recovery', () => {
    for (const name of ['running', 'invite', 'reauthorize', 'confirm', 'pause', 'working', 'discover'] as const) {
      expect(guards[name](stopped, command)).toMatchObject({ kind: 'conflict', code: 'connection_stopped' });
    }
    expect(guards.submit(stopped, submission)?.code).toBe('connection_stopped');
    expect(askRefresh(stopped, null)?.code).toBe('connection_stopped');
    expect(guards.running(stopped, command)?.remedy).toContain('/recover');
  });

  test('a stopped connection can be recovered, disconnected and annotated', () => {
    for (const name of ['recover', 'any', 'alive'] as const) expect(guards[name](stopped, command)).toBeUndefined();
  });

  test('only a stopped connection can be recovered', () => {
    for (const state of [newConnection(), connected(), after(connected(), { type: 'paused' })]) {
      expect(guards.recover(state, command)).toMatchObject({ kind: 'conflict', code: 'nothing_to_recover' });
    }
    const ended = after(stopped, { type: 'disconnectRequested' });
    expect(guards.recover(ended, command)?.code).toBe('connection_ended');
  });
});

test('a message of the wrong shape is refused as unprocessable, with the reason', () => {
  expect(malformed('it is not an object')).toMatchObject({
    kind: 'unprocessable',
    code: 'malformed_message',
    message: expect.stringContaining('it is not an object') as string,
  });
});

describe('search attributes', () => {
  test('search attributes are written only when they change, and a reason that no longer holds is removed', () => {
    const active = connected();
    expect(changedAttributes(attributesOf(active), active).pairs).toEqual([]);
    const problem = { code: 'cloud_unavailable', message: 'Down.', remedy: 'Wait.' };
    const degraded = after(active, { type: 'refreshFailed', problem, retryAt: active.updatedAt });
    const { pairs, next } = changedAttributes(attributesOf(active), degraded);
    expect(pairs.map(({ key, value }) => [key.name, value])).toEqual([
      ['MooringStatus', 'degraded'],
      ['MooringReason', 'cloud_unavailable'],
      ['MooringStatusSince', new Date(degraded.phase.since)],
    ]);
    expect(changedAttributes(next, active).pairs.map(({ value }) => value)).toContain(null);
  });
});
