import { describe, expect, test } from 'vitest';
import type { ConnectionState } from '../../../workflows/connection/phases.ts';
import { apply } from '../../../workflows/connection/state.ts';
import { nextWake } from '../../../workflows/connection/schedule.ts';
import { viewOf } from '../../../workflows/connection/view.ts';
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

const run = { startedAt: bornAt, jitter: 0, historyEvents: 0, suggested: false, hasUpkeep: false };
const proof = (pendingRef: string) => ({ type: 'grantAdvanced', pendingRef, step: 'proof' }) as const;
const ada = { id: 'ada', displayName: 'Ada' };

describe('the timeline', () => {
  const by = { kind: 'key', id: 'k' } as const;

  test('an entry names who asked for it, and one for what Mooring did by itself names nobody', () => {
    const paused = apply(connected(), { type: 'paused' }, isoAt(bornAt), by);
    expect(paused.timeline.at(-1)).toMatchObject({ event: 'paused', by });
    const lapsed = after(newConnection(), { type: 'invitationLapsed' });
    expect(lapsed.timeline.at(-1)).toMatchObject({ event: 'expired' });
    expect(lapsed.timeline.at(-1)).not.toHaveProperty('by');
  });
});

describe('a grant', () => {
  test('a late result for a replaced grant does not change the grant that replaced it', () => {
    const replaced = after(newConnection(), grantReceived('first'), proof('first'), grantReceived('second'));
    const late = after(
      replaced,
      { type: 'grantAdvanced', pendingRef: 'first', step: 'promotion', account: ada },
      { type: 'grantFailed', pendingRef: 'first', problem: problem() },
      { type: 'promoted', pendingRef: 'first', credential: credential() },
    );
    expect(late.phase).toEqual(replaced.phase);
    expect(late.discards).toEqual(['first']);
  });

  test('a grant that must be confirmed cannot be promoted without its confirmation', () => {
    const proven = after(newConnection(), grantReceived('first', true), proof('first'));
    const pushed = after(proven, { type: 'grantAdvanced', pendingRef: 'first', step: 'promotion', account: ada });
    expect(pushed.phase).toMatchObject({ status: 'verifying', grant: { step: 'proof' } });
    const used = after(pushed, { type: 'promoted', pendingRef: 'first', credential: credential() });
    expect(used.credential).toBeNull();
  });

  test('a grant that must be confirmed waits for that for two weeks, however soon its link ends', () => {
    const state = newConnection({ expiresAt: isoAt(bornAt + 60_000) });
    const received = grantReceived('first', true);
    const submitted = { ...received, grant: { ...received.grant, deadline: isoAt(bornAt + 60_000) } };
    const waiting = after(state, submitted, proof('first'), {
      type: 'grantAdvanced',
      pendingRef: 'first',
      step: 'confirmation',
      account: ada,
    });
    const day = 86_400_000;
    const { at, due } = nextWake(waiting, { ...run, startedAt: bornAt + 30 * day });
    expect(due).toBe('confirmation');
    expect(at - bornAt).toBeGreaterThanOrEqual(14 * day);
  });

  test('a grant that waits for confirmation is discarded when its invitation is revoked', () => {
    const waiting = after(newConnection(), grantReceived('first', true), proof('first'), {
      type: 'grantAdvanced',
      pendingRef: 'first',
      step: 'confirmation',
      account: ada,
    });
    const revoked = after(waiting, { type: 'invitationRevoked' });
    expect(revoked.phase.status).toBe('awaiting_customer');
    expect(revoked.discards).toEqual(['first']);
    expect(revoked.account).toBeNull();
  });

  test('a grant whose code was sent more than once begins its proof with no attempts counted', () => {
    const state = after(
      newConnection(),
      grantReceived('first'),
      { type: 'grantWaiting', pendingRef: 'first', attempts: 3, problem: problem() },
      proof('first'),
    );
    expect(state.phase).toMatchObject({ grant: { step: 'proof', attemptsBefore: 0, lastProblem: null } });
  });

  test('a re-authorisation whose grant fails leaves the connection as it was, with a warning', () => {
    const before = connected();
    const failed = after(before, grantReceived('second'), proof('second'), {
      type: 'grantFailed',
      pendingRef: 'second',
      problem: problem('account_mismatch'),
    });
    expect(failed.phase.status).toBe('active');
    expect(failed.credential).toEqual(before.credential);
    expect(failed.warnings.map(({ code }) => code)).toEqual(['account_mismatch']);
    expect(failed.discards).toEqual(['second']);
  });
});

describe('an invitation whose passcode was wrong too often', () => {
  const lock = (epoch: number) => ({ type: 'invitationLocked', epoch }) as const;
  const codes = ({ warnings }: { warnings: readonly { code: string }[] }) => warnings.map(({ code }) => code);

  test('a locked invitation is shown as such with the remedy, and a new one takes its place', () => {
    const locked = after(newConnection(), lock(1));
    expect(viewOf(locked)).toMatchObject({
      invitation: { epoch: 1, locked: true },
      problem: { code: 'invitation_locked' },
    });
    expect(locked.timeline.at(-1)?.event).toBe('invitation_locked');
    const replaced = viewOf(after(locked, { type: 'invited', invitation: invitation(2) }));
    expect(replaced).toMatchObject({ invitation: { epoch: 2, locked: false }, problem: null });
  });

  test('a locked link to sign in again is a warning, for as long as that link is there', () => {
    const again = after(connected(), { type: 'invited', invitation: invitation(2, { purpose: 'reauthorize' }) });
    const locked = after(again, lock(2));
    expect(locked.phase.status).toBe('active');
    expect(codes(viewOf(locked))).toEqual(['invitation_locked']);
    for (const event of [
      { type: 'invited', invitation: invitation(3) },
      { type: 'invitationRevoked' },
      { type: 'invitationLapsed' },
    ] as const) {
      expect(codes(viewOf(after(locked, event))), event.type).toEqual([]);
    }
  });

  test('an invitation is locked once, and the lock of another epoch changes nothing', () => {
    const open = newConnection();
    expect(after(open, lock(2))).toBe(open);
    const locked = after(open, lock(1));
    expect(after(locked, lock(1))).toBe(locked);
  });

  test('a customer who has typed the passcode before the lock may finish', () => {
    const state = after(newConnection(), grantReceived('first'), lock(1), proof('first'), {
      type: 'grantAdvanced',
      pendingRef: 'first',
      step: 'promotion',
      account: ada,
    });
    const used = viewOf(after(state, { type: 'promoted', pendingRef: 'first', credential: credential() }));
    expect(used).toMatchObject({ status: 'active', invitation: null, warnings: [] });
  });
});

describe('a connection that the cloud refuses', () => {
  const refused = { type: 'refused', problem: problem('invalid_grant') } as const;

  test('a second refusal for the same reason changes nothing, and one for another reason replaces the problem', () => {
    const once = after(connected(), refused);
    expect(after(once, refused)).toBe(once);
    const otherwise = after(once, { type: 'refused', problem: problem('account_mismatch') });
    expect(otherwise.phase).toMatchObject({ status: 'action_required', problem: { code: 'account_mismatch' } });
  });

  const renewal = {
    type: 'refreshed',
    credential: credential(),
    forced: false,
    replayed: false,
    warnings: null,
  } as const;

  test('a refused connection whose cloud can be asked again at no cost is active after a renewal', () => {
    const refusedAtFirst = after(connected(), { ...refused, mayHeal: true });
    expect(refusedAtFirst.phase).toMatchObject({ status: 'action_required', mayHeal: true });
    const healed = after(refusedAtFirst, renewal);
    expect(healed.phase).toMatchObject({ status: 'active' });
    expect(healed.timeline.at(-1)?.event).toBe('recovered');
  });

  test('a refused connection that a person must look at stays so after a late renewal', () => {
    expect(after(connected(), refused, renewal).phase).toMatchObject({ status: 'action_required' });
  });
});

describe('a sealed reply', () => {
  const reply = { envelope: 'k1.sealed', attemptId: 'attempt', generation: 2 };

  test('a sealed reply of a re-authorisation leaves the credential in use as it was', () => {
    const refusedBefore = after(connected(), { type: 'refused', problem: problem('invalid_grant') });
    const sealed = after(refusedBefore, grantReceived('second'), {
      type: 'replySealed',
      sealed: { reply, pendingRef: 'second', facts: null },
      retryAt: isoAt(bornAt),
    });
    expect(sealed.phase).toMatchObject({ grant: { returnTo: { status: 'action_required' } } });
    expect(sealed.credential).toEqual(refusedBefore.credential);
  });

  test('a degraded connection is active after its pause where the sealed reply was stored during the pause', () => {
    const paused = after(
      connected(),
      { type: 'replySealed', sealed: { reply, pendingRef: null, facts: null }, retryAt: isoAt(bornAt) },
      { type: 'paused' },
      { type: 'sealedSettled', outcome: 'stored' },
      { type: 'refreshed', credential: credential({ generation: 2 }), forced: false, replayed: false, warnings: [] },
    );
    expect(paused.phase.status).toBe('paused');
    expect(after(paused, { type: 'resumed' }).phase.status).toBe('active');
  });
});

describe('upkeep', () => {
  test('a connection is degraded at the first failed renewal, counts later failures and keeps the time of the first', () => {
    const failed = { type: 'refreshFailed', problem: problem(), retryAt: isoAt(bornAt + 60_000) } as const;
    const once = after(connected(), failed);
    const twice = after(once, failed);
    expect(once.phase).toMatchObject({ status: 'degraded', failures: 1 });
    expect(twice.phase).toMatchObject({ status: 'degraded', failures: 2, since: once.phase.since });
    expect(twice.timeline).toEqual(once.timeline);
    // The time of the retry is shown as the next renewal.
    expect(twice.credential?.nextRefreshAt).toBe(isoAt(bornAt + 60_000));
  });

  test('a warning of a renewal is recorded once, and shown until a renewal no longer has it', () => {
    const renewed = { type: 'refreshed', credential: credential(), forced: false, replayed: false } as const;
    const soon = { ...renewed, warnings: [problem('client_secret_expires')] };
    const codes = (state: ConnectionState) => viewOf(state).warnings.map(({ code }) => code);
    const warned = after(connected(), soon, soon);
    expect(codes(warned)).toEqual(['client_secret_expires']);
    expect(warned.timeline.filter(({ event }) => event === 'client_secret_expires')).toHaveLength(1);
    expect(codes(after(warned, { ...renewed, warnings: null }))).toEqual(['client_secret_expires']);
    expect(codes(after(warned, { ...renewed, warnings: [] }))).toEqual([]);
  });
});

describe('an invitation', () => {
  test('a lapsed invitation ends a connection that was never connected, but not an active one', () => {
    expect(after(newConnection(), { type: 'invitationLapsed' }).phase.status).toBe('expired');
    const again = after(connected(), { type: 'invited', invitation: invitation(2, { purpose: 'reauthorize' }) });
    const lapsed = after(again, { type: 'invitationLapsed' });
    expect(lapsed.phase.status).toBe('active');
    expect(lapsed.invitation).toBeNull();
  });

  test('a connection waits for its customer for as long as its newest invitation lives', () => {
    const until = isoAt(bornAt + 40 * 86_400_000);
    const state = after(newConnection(), { type: 'invited', invitation: invitation(2, { expiresAt: until }) });
    expect(nextWake({ ...state, phase: { ...state.phase } }, { ...run, startedAt: Date.parse(until) })).toMatchObject({
      due: 'invitation',
      at: Date.parse(until),
    });
  });
});
