import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { beneath } from '../../../workflows/connection/change.ts';
import { isFinal, isResting, type ConnectionState } from '../../../workflows/connection/phases.ts';
import { hasUpkeep, isWorking, nextWake, type Run } from '../../../workflows/connection/schedule.ts';
import { apply } from '../../../workflows/connection/state.ts';
import { currentDetails, viewOf } from '../../../workflows/connection/view.ts';
import { anyDraw, bornAt, connected, endingDraw, isoAt, live, newConnection } from './connection-events.ts';

const run: Run = { startedAt: bornAt, jitter: 0.5, historyEvents: 10, suggested: false, hasUpkeep: false };
const lives = fc.array(fc.oneof({ weight: 12, arbitrary: anyDraw }, { weight: 1, arbitrary: endingDraw }), {
  maxLength: 80,
});
const unended = fc.array(anyDraw, { maxLength: 80 });
const starts = fc.constantFrom(newConnection, connected);

/** Checks what must hold between each state of a life and the next. */
function expectAlways(
  draws: fc.Arbitrary<Parameters<typeof live>[0]>,
  holds: (before: ConnectionState, now: ConnectionState) => void,
): void {
  fc.assert(
    fc.property(draws, starts, (drawn, start) => {
      const states = live(drawn, start());
      for (const [index, state] of states.entries()) holds(states[index - 1] ?? state, state);
    }),
    { numRuns: 300 },
  );
}

describe('whatever happens to a connection', () => {
  test('no event changes a final state', () => {
    expectAlways(lives, (before, now) => {
      if (!isFinal(before)) return;
      expect(now).toBe(before);
    });
  });

  test('the state is JSON, so that the next run gets it unchanged', () => {
    expectAlways(lives, (_before, now) => expect(JSON.parse(JSON.stringify(now))).toEqual(now));
  });

  test('the timeline, served states, requests and warnings of a connection are bounded', () => {
    fc.assert(
      fc.property(fc.array(anyDraw, { minLength: 150, maxLength: 200 }), (draws) => {
        const state = live(draws).at(-1) ?? newConnection();
        expect(state.timeline.length).toBeLessThanOrEqual(50);
        expect(state.servedStates.length).toBeLessThanOrEqual(20);
        expect(state.requests.length).toBeLessThanOrEqual(20);
        expect(viewOf(state).warnings.length).toBeLessThanOrEqual(20);
      }),
      { numRuns: 50 },
    );
  });

  test('the epoch never decreases, and grows by one with each new invitation', () => {
    expectAlways(lives, (before, now) => {
      expect(now.epoch).toBeGreaterThanOrEqual(before.epoch);
      if (now.invitation && now.invitation.epoch !== before.invitation?.epoch) expect(now.epoch).toBe(before.epoch + 1);
      if (now.invitation) expect(now.invitation.epoch).toBe(now.epoch);
    });
  });

  test('a locked invitation stays locked until it is gone', () => {
    expectAlways(lives, (before, now) => {
      if (before.invitation?.locked && now.invitation?.epoch === before.invitation.epoch) {
        expect(now.invitation.locked).toBe(true);
      }
    });
  });

  test('a disconnect is possible from every state that is not final, and cannot be undone', () => {
    fc.assert(
      fc.property(unended, lives, starts, (draws, later, start) => {
        const state = live(draws, start()).at(-1) ?? start();
        const leaving = apply(state, { type: 'disconnectRequested' }, isoAt(bornAt));
        expect(leaving.phase.status).toBe('disconnecting');
        expect(leaving.invitation).toBeNull();
        for (const { phase } of live(later, leaving)) {
          expect(['disconnecting', 'disconnected']).toContain(phase.status);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('a disconnect keeps the sealed reply and the account, which revocation and tombstone need', () => {
    fc.assert(
      fc.property(unended, starts, (draws, start) => {
        const state = live(draws, start()).at(-1) ?? start();
        const leaving = apply(state, { type: 'disconnectRequested' }, isoAt(bornAt));
        expect(leaving.sealed).toEqual(state.sealed);
        expect(leaving.account).toEqual(state.account);
      }),
    );
  });

  test('no grant comes into use before it is proven and, where that is required, confirmed', () => {
    expectAlways(lives, (before, now) => {
      if (now.timeline.at(-1)?.event !== 'connected' || now.timeline === before.timeline) return;
      expect(before.phase).toMatchObject({ status: 'verifying', grant: { step: 'promotion' } });
    });
    expectAlways(lives, (before, now) => {
      if (now.phase.status !== 'verifying' || now.phase.grant.step !== 'promotion') return;
      if (before.phase.status !== 'verifying' || before.phase.grant.step === 'promotion') return;
      expect(now.phase.grant.pendingRef).toBe(before.phase.grant.pendingRef);
      expect(before.phase.grant.step).toBe(before.phase.grant.confirm ? 'confirmation' : 'proof');
    });
  });

  test('a grant that is dropped is kept on the list of grants to revoke', () => {
    expectAlways(unended, (before, now) => {
      if (before.phase.status !== 'verifying') return;
      const { pendingRef } = before.phase.grant;
      const isKept = now.phase.status === 'verifying' && now.phase.grant.pendingRef === pendingRef;
      const isInUse = now.timeline.at(-1)?.event === 'connected' && now.timeline !== before.timeline;
      expect(isKept || isInUse || now.discards.includes(pendingRef)).toBe(true);
    });
  });

  test('upkeep goes on during a re-authorisation exactly as it would without one', () => {
    expectAlways(unended, (_before, now) => {
      if (now.phase.status !== 'verifying') return;
      const { returnTo } = now.phase.grant;
      expect(isWorking(now.phase)).toBe(returnTo.status === 'active' || returnTo.status === 'degraded');
      expect(hasUpkeep(now.phase)).toBe(hasUpkeep(returnTo));
    });
  });

  test('a connection that is paused, stopped, ending, or refused for good has no upkeep', () => {
    expectAlways(lives, (_before, { phase }) => {
      const rests = ['paused', 'stopped', 'disconnecting', 'disconnected', 'expired'];
      const mayHeal = phase.status === 'action_required' && phase.mayHeal;
      expect((rests.includes(phase.status) || phase.status === 'action_required') && hasUpkeep(phase)).toBe(mayHeal);
    });
  });

  test('the next wake of a connection is a time that a timer can be set to', () => {
    expectAlways(lives, (_before, now) => {
      const wake = nextWake(now, run);
      expect(Number.isFinite(wake.at)).toBe(true);
      expect(wake.summary.length).toBeLessThanOrEqual(200);
    });
  });

  test('a stopped connection has no valid link, and leaves that state only by recovery or disconnection', () => {
    expectAlways(lives, (before, now) => {
      if (now.phase.status === 'stopped' && before.phase.status !== 'stopped') {
        expect(now.invitation).toBeNull();
        expect(now.epoch).toBe(before.epoch + 1);
      }
      if (before.phase.status !== 'stopped' || now.phase.status === 'stopped') return;
      expect(['recovered', 'disconnecting']).toContain(now.timeline.at(-1)?.event);
      expect(['active', 'awaiting_customer', 'disconnecting']).toContain(now.phase.status);
    });
  });

  test('a known credential is kept until the connection has ended, and a report never makes it older', () => {
    expectAlways(lives, (before, now) => {
      if (before.credential && now.phase.status !== 'disconnected') expect(now.credential).not.toBeNull();
    });
    fc.assert(
      fc.property(unended, fc.integer({ min: 1, max: 99 }), (draws, generation) => {
        const state = live(draws, connected()).at(-1) ?? connected();
        const facts = { v: 1, generation, issuedAt: isoAt(bornAt), expiresAt: null, nextRefreshAt: null } as const;
        const told = apply(state, { type: 'upkeepReported', facts }, isoAt(bornAt));
        expect(told.credential?.generation).toBe(Math.max(generation, state.credential?.generation ?? 0));
      }),
    );
  });

  test('any number of invalid messages changes a connection only by one timeline entry of each kind', () => {
    const kinds = fc.array(fc.constantFrom('callback', 'discoveryDone'), { maxLength: 200 });
    fc.assert(
      fc.property(unended, kinds, (draws, messages) => {
        const before = live(draws, connected()).at(-1) ?? connected();
        const after = messages.reduce(
          (state, message) =>
            apply(state, { type: 'messageRefused', message, reason: 'it is not an object' }, isoAt(bornAt)),
          before,
        );
        const { timeline, updatedAt: _at, ...rest } = after;
        const { timeline: known, updatedAt: _before, ...restBefore } = before;
        expect(rest).toEqual(restBefore);
        const isNew = (entry: (typeof timeline)[number]) => !known.includes(entry);
        expect(timeline.filter(isNew).length).toBeLessThanOrEqual(2);
      }),
    );
  });

  test('a connection that was never connected is never active, degraded or waiting for an action', () => {
    expectAlways(unended, (_before, now) => {
      const resting = beneath(now.phase);
      if (!isResting(resting) || resting.status === 'awaiting_customer') return;
      expect(now.account).not.toBeNull();
    });
  });

  test('the view and the details show the status of a connection at every moment', () => {
    expectAlways(lives, (_before, now) => {
      expect(viewOf(now).status).toBe(now.phase.status);
      expect(currentDetails(now)).toContain(now.phase.status);
    });
  });
});
