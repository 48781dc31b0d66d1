import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { OAuthCounters } from '../../sandbox/client.ts';
import { processNames, type ProcessName } from '../../scripts/dev/plan.ts';
import type { SecretStore } from '../../stores/secrets/port.ts';
import { createCustomer, type Customer } from '../support/customer.ts';
import { replayEverything } from '../support/replay-everything.ts';
import { recoveryTable, type Recovery } from './support/recoveries.ts';
import { leaveLittleToFind } from './support/resources.ts';
import { createStackProcess, type StackProcess } from './support/stack-process.ts';
import { lockStore, openSecrets, readKeyRing } from './support/stack-stores.ts';
import { comingAndGoing } from './support/waves/coming-and-going.ts';
import { isAnyoneGone, releaseAll } from './support/waves/held.ts';
import { arrivals, renewals } from './support/waves/other-methods.ts';
import { refreshes } from './support/waves/refreshes.ts';
import type { Outcome, Poised, Wave } from './support/waves/wave.ts';

/** The timeouts of an attempt, of its workflow's task and of one more call, with what a healthy machine adds. */
const RECOVERS_WITHIN_SECONDS = 15;
/** A busy machine may slow down one or two rounds, but not the others. */
const MOST = 0.75;
const GIVE_UP_MS = 60_000;
const TRIES = 5;

const victims = { worker: ['worker'], api: ['api'], 'whole stack': processNames } as const satisfies Record<
  string,
  readonly ProcessName[]
>;
type Victim = keyof typeof victims;

const everyoneArrivesAndLeaves: Readonly<Record<string, Outcome>> = {
  stateConsumed: 'connected',
  exchangeSent: 'connected',
  exchangeReplied: 'connected',
  grantStored: 'connected',
  revokeSent: 'disconnected',
  revokeReplied: 'disconnected',
};
/** A code is single use and has no grace: where it may have been spent, the customer must sign in again. */
const codesLost = { exchangeSent: 'exchange_response_lost', exchangeReplied: 'exchange_response_lost' } as const;
const renewed = { refreshSent: 'renewed', refreshReplied: 'renewed', refreshStored: 'renewed' } as const;
const lost = 'rotation_response_lost';

interface Round {
  readonly wave: Wave;
  readonly victim: Victim;
  readonly graceSeconds: number;
  readonly expected: Readonly<Record<string, Outcome>>;
  /** How many spent refresh tokens are sent to the cloud again, each as the one marked replay. */
  readonly replays: number;
}

const coming = { wave: comingAndGoing, graceSeconds: 0, replays: 0 };
const rounds: readonly Round[] = [
  { ...coming, victim: 'worker', expected: { ...everyoneArrivesAndLeaves, ...codesLost } },
  { ...coming, victim: 'api', expected: everyoneArrivesAndLeaves },
  { ...coming, victim: 'whole stack', expected: { ...everyoneArrivesAndLeaves, ...codesLost } },
  {
    wave: refreshes,
    victim: 'worker',
    graceSeconds: 0,
    replays: 2,
    expected: { ...renewed, refreshSent: lost, refreshReplied: lost },
  },
  { wave: refreshes, victim: 'worker', graceSeconds: 30, replays: 2, expected: renewed },
  { wave: refreshes, victim: 'api', graceSeconds: 0, replays: 0, expected: renewed },
  // The sandbox is killed too and never serves its held requests, so only the spent token can be lost.
  {
    wave: refreshes,
    victim: 'whole stack',
    graceSeconds: 0,
    replays: 1,
    expected: { ...renewed, refreshReplied: lost },
  },
  { wave: refreshes, victim: 'whole stack', graceSeconds: 30, replays: 1, expected: renewed },
];

const all = (wave: Wave, outcome: Outcome) =>
  Object.fromEntries(Object.keys(wave.points).map((point) => [point, outcome]));
/** At any point: a token that is issued anew, or a response that is repeated, cannot be lost. */
const otherMethods: readonly Round[] = (['worker', 'whole stack'] as const).flatMap((victim) => [
  ...renewals.map((wave) => ({ wave, victim, graceSeconds: 0, replays: 0, expected: all(wave, 'renewed') })),
  {
    wave: arrivals,
    victim,
    graceSeconds: 0,
    replays: 0,
    expected: { ...all(arrivals, 'connected'), ...arrivals.codesLost },
  },
]);

const recoveries: Recovery[] = [];

describe.skipIf(inject('components').temporal === null)('kill -9', { timeout: 90_000 }, () => {
  let stack: StackProcess;
  let secrets: SecretStore;
  let customer: Customer;

  beforeAll(async () => {
    stack = await createStackProcess();
    await stack.start();
    secrets = openSecrets(stack.stateDirectory);
    customer = createCustomer(stack.info());
    await leaveLittleToFind(customer.cloud);
  }, 90_000);

  afterAll(async () => {
    process.stdout.write(
      `\nkill -9: how soon it was up again, and each connection after that had gone on:\n${recoveryTable(recoveries)}\n`,
    );
    await secrets.close();
    await stack.dispose();
  }, 90_000);

  describe.each([...rounds, ...otherMethods])(
    'of the $victim, $wave.name, rotation grace $graceSeconds s',
    ({ wave, victim, graceSeconds, expected, replays }) => {
      const points = Object.keys(wave.points);
      const settled = new Map<string, Recovery>();
      let poised: Readonly<Record<string, Poised>>;
      let before: OAuthCounters;

      const untilSettled = async (at: string) =>
        await customer.platform.until(
          poised[at]?.connection ?? '',
          (connection) => wave.outcomeOf(at, connection) !== undefined,
          GIVE_UP_MS,
        );

      const letGo = async (): Promise<void> => {
        stack.signal('SIGCONT', 'worker');
        await customer.cloud.clearFaults();
        await releaseAll(customer.cloud);
      };

      /** False where this machine was too slow: a request timed out, and its replay is held or already served. */
      const isSet = async (dying: readonly ProcessName[]): Promise<boolean> => {
        poised = await wave.poise(customer);
        before = await customer.cloud.counters();
        await wave.reach(poised, {
          customer,
          secrets,
          lockEphemeral: () => lockStore(stack.stateDirectory, 'ephemeral'),
          freeze: () => dying.includes('worker') && stack.signal('SIGSTOP', 'worker'),
        });
        const { refreshTokensSpentTwice } = await customer.cloud.counters();
        const isReplayed = refreshTokensSpentTwice > before.refreshTokensSpentTwice;
        if (!isReplayed && !(await isAnyoneGone(customer.cloud))) return true;
        await letGo();
        // Their replays must not be counted in the next try.
        await Promise.all(points.map(untilSettled));
        return false;
      };

      beforeAll(async () => {
        await customer.cloud.change({ ovh: { rotationGraceSeconds: graceSeconds } });
        const dying: readonly ProcessName[] = victims[victim];
        try {
          for (let triesLeft = TRIES - 1; !(await isSet(dying)); triesLeft--) {
            if (triesLeft === 0) throw new Error(`In ${TRIES} tries a held request ran into its deadline of 6 s.`);
          }
        } catch (error) {
          // What is held or still to be held would fail the rounds that follow.
          await letGo();
          throw error;
        }

        const { pids } = stack.info();
        const killedAt = performance.now();
        if (victim === 'whole stack') {
          await stack.killAll();
          await stack.start();
        } else {
          stack.signal('SIGKILL', ...dying);
          await releaseAll(customer.cloud);
          await stack.untilUpAgain(pids, ...dying);
        }
        const upAt = performance.now();
        const upSeconds = (upAt - killedAt) / 1000;
        await Promise.all(
          points.map(async (at) => {
            const outcome = wave.outcomeOf(at, await untilSettled(at)) ?? '';
            const seconds = (performance.now() - upAt) / 1000;
            settled.set(at, { killed: victim, at, graceSeconds, outcome, upSeconds, seconds });
          }),
        ).finally(() => recoveries.push(...settled.values()));
      }, 240_000);

      it.each(Object.entries(wave.points))(
        'a connection at %s (%s) recovers by itself after kill -9, or reports what was lost',
        (at) => {
          expect(settled.get(at)?.outcome).toBe(expected[at]);
        },
      );

      it('no code or refresh token is spent twice after the kill, except for the marked replays', async () => {
        const after = await customer.cloud.counters();
        expect(after.codesRedeemedTwice - before.codesRedeemedTwice).toBe(0);
        expect(after.refreshTokensSpentTwice - before.refreshTokensSpentTwice).toBe(replays);
        expect(after.rotationsAnsweredAgain - before.rotationsAnsweredAgain).toBe(graceSeconds > 0 ? replays : 0);
      });

      it('a customer whose code was lost signs in again with the same link', async () => {
        for (const at of points.filter((point) => expected[point] === 'exchange_response_lost')) {
          const { connection, again } = poised[at] as Poised;
          await again?.();
          expect((await customer.platform.until(connection, 'active')).credential?.generation).toBe(1);
        }
      });
    },
  );

  it('more than three of four connections recover within 15 s after the killed process is up again', () => {
    const inTime = recoveries.filter(({ seconds }) => seconds < RECOVERS_WITHIN_SECONDS);
    expect(inTime.length / recoveries.length).toBeGreaterThan(MOST);
  });

  it('every workflow history of the kill rounds replays without a failure', async () => {
    const keyRing = readKeyRing(stack.stateDirectory);
    const { temporal: address } = stack.info();
    const { replayed, failures } = await replayEverything({ address, namespace: 'default', keyRing });
    expect(failures).toEqual([]);
    expect(replayed).toBeGreaterThan(rounds.length);
  });
});
