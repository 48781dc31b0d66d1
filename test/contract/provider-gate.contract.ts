import { describe, expect, it } from 'vitest';
import type { Json } from '../../platform/json.ts';
import { systemClock } from '../../platform/clock.ts';
import { ephemeralKeys } from '../../stores/ephemeral/keys.ts';
import type { EphemeralStore } from '../../stores/ephemeral/port.ts';
import { createProviderPauses } from '../../stores/provider-pauses.ts';
import { createProviderStates } from '../../stores/provider-states.ts';
import { createTestWorker, invalidClient, unreachable } from '../support/provider-gate.ts';
import { openEmbeddedSecrets } from '../unit/stores/embedded-secrets.ts';
import type { ManualClock } from './manual-clock.ts';

export interface SharedByTwo {
  /** The same store, opened by two processes. */
  readonly stores: readonly [EphemeralStore, EphemeralStore];
  readonly clock: ManualClock;
  /** Makes a key expire that has at most this many seconds to live. */
  readonly letPass: (key: string, seconds: number) => Promise<void>;
}

/** What workers must see of each other through any ephemeral store. */
export function providerGateContract(open: () => Promise<SharedByTwo>): void {
  const world = async () => {
    const { stores, clock, letPass } = await open();
    const secrets = openEmbeddedSecrets(systemClock);
    const [one, other] = stores.map((ephemeral) => createTestWorker({ ephemeral, secrets, clock }));
    const pauses = createProviderPauses({ secrets, clock });
    const states = createProviderStates({ ephemeral: stores[0], pauses, clock });
    return { one: one!, other: other!, stores, clock, letPass, pauses, states };
  };

  describe('two workers that share a store', () => {
    it('a worker and the API see within a second that another worker has opened the gate', async () => {
      const { one, other, clock, states } = await world();
      expect(await other.ask()).toBe('ok');
      await one.unanswered(5);
      expect(await one.ask()).toBe('open');
      expect(await states.read('ovh')).toEqual({
        state: 'open',
        since: '2026-11-23T08:00:00.000Z',
        problem: unreachable,
      });
      clock.advance(1);
      expect(await other.ask()).toBe('open');
      expect((await other.gate.check('ovh'))?.problem).toEqual(unreachable);
      expect(await other.gate.check('aws')).toBeUndefined();
      expect((await states.read('aws')).state).toBe('ok');
    });

    it('unanswered calls of two workers are counted together', async () => {
      const { one, other, clock } = await world();
      await one.unanswered(3);
      await other.unanswered(1);
      clock.advance(1);
      expect([await one.ask(), await other.ask()]).toEqual(['ok', 'ok']);
      await other.unanswered(1);
      clock.advance(1);
      expect([await one.ask(), await other.ask()]).toEqual(['open', 'open']);
    });

    it('a worker that gets answers keeps the gate closed for another worker that gets none', async () => {
      const { one, other, clock } = await world();
      for (let second = 0; second < 40; second++) {
        await one.gate.note('ovh', 'answered', null, null);
        await other.unanswered(3);
        clock.advance(1);
        expect(await other.ask()).toBe('ok');
      }
    });

    it('only one of two workers makes the probe, and its success closes the gate for both', async () => {
      const { one, other, clock, states } = await world();
      await one.gate.note('ovh', 'misconfigured', invalidClient, null);
      clock.advance(15);
      expect([await one.ask(), await other.ask(), await one.ask(), await other.ask()]).toEqual([
        'ok',
        'open',
        'open',
        'open',
      ]);
      await one.gate.note('ovh', 'answered', null, null);
      clock.advance(1);
      expect(await states.read('ovh')).toEqual({ state: 'ok', since: null, problem: null });
      clock.advance(240);
      expect([await one.ask(), await other.ask()]).toEqual(['ok', 'ok']);
    });

    it('a worker takes over the probe of a worker that died', async () => {
      const { one, other, clock, letPass } = await world();
      await one.unanswered(5);
      const round = clock.now() + 15_000;
      clock.advance(15);
      expect(await one.ask()).toBe('ok');
      clock.advance(1);
      expect(await other.ask()).toBe('open');
      await letPass(ephemeralKeys.providerProbe('ovh', round), 20);
      expect(await other.ask()).toBe('ok');
      expect(await one.ask()).toBe('open');
      await other.gate.note('ovh', 'answered', null, null);
      clock.advance(240);
      expect(await one.ask()).toBe('ok');
    });

    it('no worker makes a probe before the time that another worker’s failed probe has set', async () => {
      const { one, other, clock } = await world();
      await one.unanswered(5);
      clock.advance(15);
      expect(await one.ask()).toBe('ok');
      await one.gate.note('ovh', 'unavailable', unreachable, null);
      clock.advance(29.9);
      expect([await one.ask(), await other.ask()]).toEqual(['open', 'open']);
      clock.advance(0.1);
      expect([await other.ask(), await one.ask()]).toEqual(['ok', 'open']);
    });

    it('both workers see the gate as recovering after a successful probe of one', async () => {
      const { one, other, clock } = await world();
      await one.unanswered(5);
      clock.advance(15);
      expect(await one.ask()).toBe('ok');
      await one.gate.note('ovh', 'answered', null, null);
      expect(await one.gate.state('ovh')).toBe('recovering');
      clock.advance(1);
      expect(await other.gate.state('ovh')).toBe('recovering');
    });

    it('callers retry soon where few connections are counted, and over two minutes where there are many', async () => {
      for (const [connections, longest] of [
        [10, 15 + 20],
        [10_000, 15 + 120],
      ] as const) {
        const { one, other, stores, clock } = await world();
        await stores[0].put(ephemeralKeys.connectionsByGate, { ovh: connections }, 600);
        await one.unanswered(5);
        clock.advance(1);
        // The first caller is asked to retry at the time of the probe.
        await one.waitSeconds();
        const waits = [];
        for (let caller = 0; caller < 50; caller++) waits.push(await other.waitSeconds());
        expect(Math.max(...waits)).toBeLessThanOrEqual(longest);
        expect(Math.max(...waits)).toBeGreaterThan(longest / 2);
      }
    });

    it('reading the state of the gate, or asking after a failed call, does not take the probe', async () => {
      const { one, other, clock } = await world();
      expect([await one.gate.state('ovh'), await one.gate.afterFailure('ovh')]).toEqual(['closed', undefined]);
      await one.unanswered(5);
      clock.advance(15);
      expect(await other.gate.state('ovh')).toBe('open');
      expect(await one.gate.afterFailure('ovh')).toMatchObject({ state: 'open', problem: unreachable });
      expect([await other.ask(), await one.ask()]).toEqual(['ok', 'open']);
    });

    it('one caller is asked to retry at the time of the probe, so that a single connection is served at once', async () => {
      const { one, other, clock } = await world();
      await one.unanswered(5);
      clock.advance(1);
      // One second after the probe may begin, because clocks differ.
      expect(await other.waitSeconds()).toBe(15);
      for (const worker of [one, other, one, other]) {
        const wait = await worker.waitSeconds();
        expect(wait).not.toBe(15);
        expect(wait).toBeGreaterThanOrEqual(14);
        expect(wait).toBeLessThanOrEqual(134);
      }
    });
  });

  it.each<[string, Json]>([
    ['a text', 'open'],
    ['a state of another version', { v: 2, state: 'open' }],
    ['a state without a problem', { v: 1, state: 'open', since: '', probeAtMs: 1, windowsFromMs: 1, windowMs: 1 }],
    [
      'a state that would last for years',
      {
        v: 1,
        state: 'open',
        since: '2026-11-23T08:00:00.000Z',
        problem: unreachable,
        failedProbes: 0,
        probeAtMs: 4e12,
        windowsFromMs: 1,
        windowMs: 1,
      },
    ],
  ])(
    '%s in place of a gate state keeps the gate closed, is logged once, and replaced at the next opening',
    async (_what, garbage) => {
      const { one, stores, clock, states } = await world();
      await stores[0].put(ephemeralKeys.providerGate('ovh'), garbage, 600);
      for (let second = 0; second < 3; second++) {
        expect(await one.ask()).toBe('ok');
        clock.advance(1);
      }
      expect(one.log().match(/no state of a provider/g)).toHaveLength(1);
      expect((await states.read('ovh')).state).toBe('ok');
      await one.unanswered(5);
      expect(await one.ask()).toBe('open');
      clock.advance(1);
      expect((await states.read('ovh')).state).toBe('open');
    },
  );
}
