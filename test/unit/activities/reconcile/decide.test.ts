import { describe, expect, it } from 'vitest';
import { decide, type Stored } from '../../../../activities/reconcile/decide.ts';
import type { Lookup } from '../../../../activities/reconcile/ports.ts';
import type { ConnectionStatus, Tombstone } from '../../../../contracts/connection.ts';

const now = Date.parse('2030-01-01T12:00:00Z');
const minutesAgo = (minutes: number) => now - minutes * 60_000;
const live = ['about', 'access', 'renewal'];
const tombstone = { revocation: { outcome: 'nothing_to_revoke' } } as Tombstone;

const stored = (more: Partial<Stored> = {}): Stored => ({
  live: [],
  revoking: [],
  pending: [],
  tombstone: null,
  ...more,
});
const pending = (...agesInMinutes: number[]) =>
  agesInMinutes.map((age) => ({ ref: `ref-${age}`, writtenAtMs: minutesAgo(age) }));
const terminated: Lookup = { state: 'ended_from_outside', workflowType: 'connection' };
const of = (lookup: Lookup, found: Partial<Stored>, lastStatus: ConnectionStatus | null = null) =>
  decide(lookup, stored(found), lastStatus, now);

describe('what becomes of an id', () => {
  const running: Lookup = {
    state: 'running',
    workflowType: 'connection',
    health: { late: false, paused: false, stuck: false, status: null },
  };

  it('is nothing while its workflow runs, whatever is stored', () => {
    const everything = { live, revoking: ['renewal'], pending: pending(600), tombstone };
    expect(of(running, everything)).toEqual({ do: 'nothing' });
  });

  it.each(['active', 'verifying', 'paused', 'action_required', 'stopped', 'awaiting_customer', null] as const)(
    'is a restart as stopped, where the workflow was ended from outside while it was %s',
    (lastStatus) => {
      expect(of(terminated, { live }, lastStatus)).toEqual({ do: 'restart', as: 'stopped' });
      expect(of(terminated, {}, lastStatus)).toEqual({ do: 'restart', as: 'stopped' });
    },
  );

  it.each(['disconnecting', 'disconnected', 'expired'] as const)(
    'is the rest of its end, where it was %s, even if nothing was retired yet',
    (lastStatus) => {
      expect(of(terminated, { live }, lastStatus)).toEqual({ do: 'restart', as: 'disconnecting' });
      expect(of(terminated, {}, lastStatus)).toEqual({ do: 'restart', as: 'disconnecting' });
    },
  );

  it('is the rest of its end, where its record was retired already', () => {
    const half = { live: ['about'], revoking: ['renewal'] };
    expect(of(terminated, half)).toEqual({ do: 'restart', as: 'disconnecting' });
    expect(of({ state: 'unknown' }, half)).toEqual({ do: 'restart', as: 'disconnecting' });
  });

  it('is no end only because a reply once came too late', () => {
    expect(of(terminated, { live, revoking: ['attempt-7'] }, 'active')).toEqual({ do: 'restart', as: 'stopped' });
    expect(of({ state: 'unknown' }, { live, revoking: ['attempt-7'] })).toEqual({ do: 'restart', as: 'stopped' });
  });

  it('is a restart where Temporal has forgotten it, and nothing where nothing is stored', () => {
    expect(of({ state: 'unknown' }, { live })).toEqual({ do: 'restart', as: 'stopped' });
    expect(of({ state: 'unknown' }, { revoking: ['attempt-7'] })).toEqual({ do: 'restart', as: 'disconnecting' });
    expect(of({ state: 'unknown' }, {})).toEqual({ do: 'nothing' });
  });

  it('is never a second life: what is left of one that has ended is swept', () => {
    expect(of({ state: 'completed' }, { live })).toEqual({ do: 'sweep' });
    expect(of({ state: 'completed' }, { revoking: ['attempt-7'], pending: pending(0) })).toEqual({ do: 'sweep' });
    expect(of({ state: 'unknown' }, { live, tombstone })).toEqual({ do: 'sweep' });
    expect(of({ state: 'completed' }, { tombstone })).toEqual({ do: 'nothing' });
    expect(of({ state: 'unknown' }, { tombstone })).toEqual({ do: 'nothing' });
  });

  it('is the end of an end, where the tombstone stands and the workflow was ended a moment too early', () => {
    expect(of(terminated, { tombstone }, 'disconnecting')).toEqual({ do: 'restart', as: 'disconnecting' });
    expect(of(terminated, { tombstone }, null)).toEqual({ do: 'restart', as: 'disconnecting' });
  });

  it('is to drop the submissions that are an hour old, where nothing else is left', () => {
    const submitted = { pending: pending(59, 60, 61) };
    const dropped = { do: 'discard', refs: ['ref-60', 'ref-61'] };
    expect(of({ state: 'completed' }, submitted)).toEqual(dropped);
    expect(of({ state: 'unknown' }, submitted)).toEqual(dropped);
    expect(of({ state: 'unknown' }, { ...submitted, tombstone })).toEqual(dropped);
    expect(of({ state: 'unknown' }, { pending: pending(5) })).toEqual({ do: 'nothing' });
  });

  it('is never a restart for a look at submitted values, which is no connection', () => {
    const validation: Lookup = { state: 'ended_from_outside', workflowType: 'validation' };
    expect(of(validation, { pending: pending(90) })).toEqual({ do: 'discard', refs: ['ref-90'] });
    expect(of(validation, {})).toEqual({ do: 'nothing' });
  });
});
