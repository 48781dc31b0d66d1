import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { OAuthCounters } from '../../sandbox/client.ts';
import { processNames, type ProcessName } from '../../scripts/dev/plan.ts';
import type { SecretStore } from '../../stores/secrets/port.ts';
import { createCustomer, type Customer } from '../support/customer.ts';
import {
  killPoints,
  outcomeOf,
  reachKillPoints,
  releaseAll,
  setScene,
  type KillPoint,
  type Outcome,
  type Scene,
} from './support/kill-points.ts';
import { recoveryTable, type Recovery } from './support/recoveries.ts';
import { createStackProcess, type StackProcess } from './support/stack-process.ts';
import { lockStore, openSecrets } from './support/stack-stores.ts';

const RECOVERS_WITHIN_SECONDS = 15;
/** Looked at for longer, so that a slow recovery is told with its number. */
const GIVE_UP_MS = 40_000;
const SCENES = 3;

const victims = { worker: ['worker'], api: ['api'], 'whole stack': processNames } as const satisfies Record<
  string,
  readonly ProcessName[]
>;
type Victim = keyof typeof victims;

const nothingLost: Readonly<Record<KillPoint, Outcome>> = {
  stateConsumed: 'connected',
  exchangeSent: 'connected',
  exchangeReplied: 'connected',
  refreshSent: 'renewed',
  refreshReplied: 'renewed',
  refreshStored: 'renewed',
  revokeSent: 'disconnected',
  revokeReplied: 'disconnected',
};
/** A code is single use and has no grace: who can't know whether it was spent asks for another sign-in. */
const codesLost = { exchangeSent: 'exchange_response_lost', exchangeReplied: 'exchange_response_lost' } as const;
const lost = 'rotation_response_lost';

/** `replays`: how often a spent refresh token comes back to the cloud, each time as the one marked replay. */
const cases: readonly {
  victim: Victim;
  graceSeconds: number;
  expected: Readonly<Record<KillPoint, Outcome>>;
  replays: number;
}[] = [
  {
    victim: 'worker',
    graceSeconds: 0,
    replays: 2,
    expected: { ...nothingLost, ...codesLost, refreshSent: lost, refreshReplied: lost },
  },
  { victim: 'worker', graceSeconds: 30, replays: 2, expected: { ...nothingLost, ...codesLost } },
  { victim: 'api', graceSeconds: 0, replays: 0, expected: nothingLost },
  { victim: 'api', graceSeconds: 30, replays: 0, expected: nothingLost },
  // The sandbox dies too: what it had not served by then it never does, so only the spent token can be lost.
  {
    victim: 'whole stack',
    graceSeconds: 0,
    replays: 1,
    expected: { ...nothingLost, ...codesLost, refreshReplied: lost },
  },
  { victim: 'whole stack', graceSeconds: 30, replays: 1, expected: { ...nothingLost, ...codesLost } },
];

const points = Object.keys(killPoints) as KillPoint[];
const recoveries: Recovery[] = [];

describe.skipIf(inject('components').temporal === null)('kill -9', { timeout: 60_000 }, () => {
  let stack: StackProcess;
  let secrets: SecretStore;
  let customer: Customer;

  beforeAll(async () => {
    stack = await createStackProcess();
    await stack.start();
    secrets = openSecrets(stack.stateDirectory);
    customer = createCustomer(stack.info());
  }, 90_000);

  afterAll(async () => {
    process.stdout.write(
      `\nkill -9: how soon it was up again, and each connection after that had gone on:\n${recoveryTable(recoveries)}\n`,
    );
    await secrets.close();
    await stack.dispose();
  }, 90_000);

  describe.each(cases)(
    'of the $victim, rotation grace $graceSeconds s',
    ({ victim, graceSeconds, expected, replays }) => {
      const settled = new Map<KillPoint, Recovery>();
      let scene: Scene;
      let before: OAuthCounters;

      /** False where this machine was too slow to bring all connections to their kill points at one time. */
      const isSet = async (dying: readonly ProcessName[]): Promise<boolean> => {
        scene = await setScene(customer);
        before = await customer.cloud.counters();
        const reached = await reachKillPoints(scene, customer, {
          secrets,
          lockEphemeral: () => lockStore(stack.stateDirectory, 'ephemeral'),
          freeze: () => dying.includes('worker') && stack.signal('SIGSTOP', 'worker'),
        });
        if (reached) return true;
        stack.signal('SIGCONT', 'worker');
        await customer.cloud.clearFaults();
        await releaseAll(customer.cloud);
        // Their replays must not be counted in the next try.
        await Promise.all(points.map(untilSettled));
        return false;
      };
      const untilSettled = async (at: KillPoint) =>
        await customer.platform.until(
          scene.connections[at],
          (connection) => outcomeOf(at, connection) !== undefined,
          GIVE_UP_MS,
        );

      beforeAll(async () => {
        await customer.cloud.change({ ovh: { rotationGraceSeconds: graceSeconds } });
        const dying: readonly ProcessName[] = victims[victim];
        for (let triesLeft = SCENES - 1; !(await isSet(dying)); triesLeft--) {
          if (triesLeft === 0) throw new Error(`In ${SCENES} tries a held request ran into its deadline of 6 s.`);
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
            const connection = await untilSettled(at);
            const seconds = (performance.now() - upAt) / 1000;
            settled.set(at, {
              killed: victim,
              at,
              graceSeconds,
              outcome: outcomeOf(at, connection) ?? '',
              upSeconds,
              seconds,
            });
          }),
        ).finally(() => recoveries.push(...settled.values()));
      }, 180_000);

      it.each(Object.entries(killPoints) as [KillPoint, string][])(
        'a connection at %s (%s) goes on by itself within 15 s, or says what was lost',
        (at) => {
          const { outcome, seconds } = settled.get(at) ?? {};
          expect(outcome).toBe(expected[at]);
          expect(seconds).toBeLessThan(RECOVERS_WITHIN_SECONDS);
        },
      );

      it('no code and no refresh token is spent twice, but for the one marked replay', async () => {
        const after = await customer.cloud.counters();
        expect(after.codesRedeemedTwice - before.codesRedeemedTwice).toBe(0);
        expect(after.refreshTokensSpentTwice - before.refreshTokensSpentTwice).toBe(replays);
        expect(after.rotationsAnsweredAgain - before.rotationsAnsweredAgain).toBe(graceSeconds > 0 ? replays : 0);
      });

      it('whoever lost a code signs in again with the same link', async () => {
        const links = (['exchangeSent', 'exchangeReplied'] as const).filter((at) => expected[at] !== 'connected');
        for (const at of links) {
          await (await customer.signIn(scene.links[at])).arrive();
          expect((await customer.platform.until(scene.connections[at], 'active')).credential?.generation).toBe(1);
        }
      });
    },
  );
});
