import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { SecretStore } from '../../stores/secrets/port.ts';
import { createCustomer, type Customer } from '../support/customer.ts';
import { eventually } from '../support/eventually.ts';
import { leaveLittleToFind } from './support/resources.ts';
import { createStackProcess, type StackProcess } from './support/stack-process.ts';
import { liveGeneration, openSecrets, unsettledSpendings } from './support/stack-stores.ts';

const CONNECTIONS = 200;
const AT_ONCE = 8;
const LATENCY_MS = 300;
/** Tokens spent before the stop: the other refreshes are in flight or waiting. */
const MIDDLE = 40;

describe.skipIf(inject('components').temporal === null)('a clean stop (SIGTERM) in a burst of 200 refreshes', () => {
  let stack: StackProcess;
  let secrets: SecretStore;
  let customer: Customer;
  let ids: string[];
  let exitCode: number | null;
  let generationsAtStop: number[];

  const each = async <T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> => {
    const left = [...items];
    const lane = async (): Promise<void> => {
      for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
  };
  const generations = async () => await Promise.all(ids.map(async (id) => await liveGeneration(secrets, id)));

  beforeAll(async () => {
    stack = await createStackProcess();
    await stack.start();
    secrets = openSecrets(stack.stateDirectory);
    customer = createCustomer(stack.info());
    await leaveLittleToFind(customer.cloud);
    ids = [];
    // Each lane waits for its connection: otherwise sign-ins would miss their deadline in the queue of a slow machine.
    await each([...Array(CONNECTIONS).keys()], async () => {
      const { id } = (await customer.onboard()).connection;
      await eventually(`${id} to be live`, async () => (await liveGeneration(secrets, id)) === 1, 30_000);
      ids.push(id);
    });

    await customer.cloud.change({ core: { latencyMs: { 'token.refresh': LATENCY_MS } } });
    const burst = ids.map(
      async (id) => await customer.platform.call('POST', `/v1/connections/${id}/refresh`).catch(() => {}),
    );
    const spent = async () => (await customer.cloud.counters()).refreshTokensSpent >= MIDDLE;
    await eventually('the middle of the burst', spent, 30_000);
    exitCode = await stack.terminate();
    generationsAtStop = await generations();
    await Promise.all(burst);
    await stack.start();
  }, 400_000);

  afterAll(async () => {
    await secrets.close();
    await stack.dispose();
  }, 90_000);

  it('the stack exits with code 0 on SIGTERM in a burst of refreshes', () => {
    expect(exitCode).toBe(0);
  });

  it('the clean stop falls into the middle of the burst: some refreshes are done and some are not', () => {
    const done = generationsAtStop.filter((generation) => generation === 2).length;
    expect(done).toBeGreaterThanOrEqual(MIDDLE);
    expect(done).toBeLessThan(CONNECTIONS);
  });

  it('all connections are active after a clean stop and the next start', { timeout: 90_000 }, async () => {
    await each(ids, async (id) => {
      expect(await customer.platform.until(id, 'active', 30_000)).toMatchObject({ problem: null });
    });
  });

  it(
    'every token response is stored after a clean stop, and no refresh token is spent twice',
    { timeout: 90_000 },
    async () => {
      // Refreshes that the stop left in the queue are served after the next start.
      const spent = async () => (await customer.cloud.counters()).refreshTokensSpent;
      const renewals = async () => (await generations()).reduce((sum, generation) => sum + generation - 1, 0);
      const settled = async () =>
        (await renewals()) === (await spent()) && (await unsettledSpendings(secrets, ids)) === 0;
      await eventually('every spent token to have its successor stored', settled, 60_000);

      const { refreshTokensSpentTwice, grantsRevoked } = await customer.cloud.counters();
      expect({ refreshTokensSpentTwice, grantsRevoked }).toEqual({ refreshTokensSpentTwice: 0, grantsRevoked: 0 });
    },
  );
});
