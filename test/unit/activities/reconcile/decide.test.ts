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

describe('what a reconciliation does with an id', () => {
  const running: Lookup = {
    state: 'running',
    workflowType: 'connection',
    health: { late: false, paused: false, stuck: false, status: null },
  };

  it('nothing is done while the workflow runs, whatever is stored', () => {
    const everything = { live, revoking: ['renewal'], pending: pending(600), tombstone };
    expect(of(running, everything)).toEqual({ do: 'nothing' });
  });

  it.each(['active', 'verifying', 'paused', 'action_required', 'stopped', 'awaiting_customer', null] as const)(
    'a connection is restarted as stopped where its workflow was ended from outside while it was %s',
    (lastStatus) => {
      expect(of(terminated, { live }, lastStatus)).toEqual({ do: 'restart', as: 'stopped' });
      expect(of(terminated, {}, lastStatus)).toEqual({ do: 'restart', as: 'stopped' });
    },
  );

  it.each(['disconnecting', 'disconnected', 'expired'] as const)(
    'a connection is restarted as disconnecting where it was %s, even if nothing was retired yet',
    (lastStatus) => {
      expect(of(terminated, { live }, lastStatus)).toEqual({ do: 'restart', as: 'disconnecting' });
      expect(of(terminated, {}, lastStatus)).toEqual({ do: 'restart', as: 'disconnecting' });
    },
  );

  it('a connection is restarted as disconnecting where its record was retired already', () => {
    const half = { live: ['about'], revoking: ['renewal'] };
    expect(of(terminated, half)).toEqual({ do: 'restart', as: 'disconnecting' });
    expect(of({ state: 'unknown' }, half)).toEqual({ do: 'restart', as: 'disconnecting' });
  });

  it('a connection with a late reply is restarted as stopped and not as disconnecting', () => {
    expect(of(terminated, { live, revoking: ['attempt-7'] }, 'active')).toEqual({ do: 'restart', as: 'stopped' });
    expect(of({ state: 'unknown' }, { live, revoking: ['attempt-7'] })).toEqual({ do: 'restart', as: 'stopped' });
  });

  it('a connection that Temporal does not know is restarted where secrets are stored, and not otherwise', () => {
    expect(of({ state: 'unknown' }, { live })).toEqual({ do: 'restart', as: 'stopped' });
    expect(of({ state: 'unknown' }, { revoking: ['attempt-7'] })).toEqual({ do: 'restart', as: 'disconnecting' });
    expect(of({ state: 'unknown' }, {})).toEqual({ do: 'nothing' });
  });

  it('a connection that has ended is never restarted, and what is left of it is swept', () => {
    expect(of({ state: 'completed' }, { live })).toEqual({ do: 'sweep' });
    expect(of({ state: 'completed' }, { revoking: ['attempt-7'], pending: pending(0) })).toEqual({ do: 'sweep' });
    expect(of({ state: 'unknown' }, { live, tombstone })).toEqual({ do: 'sweep' });
    expect(of({ state: 'completed' }, { tombstone })).toEqual({ do: 'nothing' });
    expect(of({ state: 'unknown' }, { tombstone })).toEqual({ do: 'nothing' });
  });

  it('a connection with a tombstone is restarted as disconnecting where its workflow was ended from outside', () => {
    expect(of(terminated, { tombstone }, 'disconnecting')).toEqual({ do: 'restart', as: 'disconnecting' });
    expect(of(terminated, { tombstone }, null)).toEqual({ do: 'restart', as: 'disconnecting' });
  });

  it('submissions that are an hour old are discarded where nothing else is left', () => {
    const submitted = { pending: pending(59, 60, 61) };
    const dropped = { do: 'discard', refs: ['ref-60', 'ref-61'] };
    expect(of({ state: 'completed' }, submitted)).toEqual(dropped);
    expect(of({ state: 'unknown' }, submitted)).toEqual(dropped);
    expect(of({ state: 'unknown' }, { ...submitted, tombstone })).toEqual(dropped);
    expect(of({ state: 'unknown' }, { pending: pending(5) })).toEqual({ do: 'nothing' });
  });

  it('a validation is never restarted, because it is no connection', () => {
    const validation: Lookup = { state: 'ended_from_outside', workflowType: 'validation' };
    expect(of(validation, { pending: pending(90) })).toEqual({ do: 'discard', refs: ['ref-90'] });
    expect(of(validation, {})).toEqual({ do: 'nothing' });
  });
});
