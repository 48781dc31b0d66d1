import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection as TemporalConnection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createDataConverter } from '../../platform/temporal/data-converter.ts';
import { messages } from '../../contracts/messages.ts';
import { createCustomer, type Customer } from '../support/customer.ts';
import { replayEverything } from '../support/replay-everything.ts';
import { leaveLittleToFind } from './support/resources.ts';
import { createStackProcess, type StackProcess } from './support/stack-process.ts';
import { readKeyRing } from './support/stack-stores.ts';

/** A run in CI is short; the figures in docs/reliability.md are of five minutes. */
const SECONDS = Number(process.env['MIXED_TRAFFIC_SECONDS'] ?? 20);
const EACH_PER_SECOND = 10;

describe.skipIf(inject('components').temporal === null)(
  'one connection that is read, written, signalled and queried, ten times a second each',
  { timeout: 120_000 },
  () => {
    let stack: StackProcess;
    let customer: Customer;
    let temporal: TemporalConnection;
    let client: Client;
    let id: string;
    const failures: string[] = [];
    const served = { reads: 0, writes: 0, signals: 0, queries: 0 };

    /** Calls so many times a second, whether or not earlier calls have ended; answers when all have. */
    async function steadily(kind: keyof typeof served, call: (number: number) => Promise<unknown>): Promise<void> {
      const calls: Promise<void>[] = [];
      for (let number = 0; number < SECONDS * EACH_PER_SECOND; number++) {
        calls.push(
          call(number).then(
            () => void (served[kind] += 1),
            (error: unknown) => void failures.push(`${kind}: ${String(error)}`),
          ),
        );
        await pause(1000 / EACH_PER_SECOND);
      }
      await Promise.all(calls);
    }

    beforeAll(
      async () => {
        stack = await createStackProcess();
        await stack.start();
        customer = createCustomer(stack.info());
        await leaveLittleToFind(customer.cloud);
        ({ id } = await customer.connect());
        const dataConverter = createDataConverter(readKeyRing(stack.stateDirectory), true);
        temporal = await TemporalConnection.connect({ address: stack.info().temporal });
        client = new Client({ connection: temporal, dataConverter });
        const handle = client.workflow.getHandle(id);
        const { platform } = customer;
        const refresh = platform.call('POST', `/v1/connections/${id}/refresh`);
        await Promise.all([
          steadily('reads', async () => await platform.get(id)),
          steadily(
            'writes',
            async (number) => await platform.call('PATCH', `/v1/connections/${id}`, { name: `name ${number}` }),
          ),
          // Half of them are of no shape that the workflow knows.
          steadily(
            'signals',
            async (number) =>
              await handle.signal(messages.discoveryDone, number % 2 ? number : { since: 'never', outcome: 'done' }),
          ),
          steadily('queries', async () => await handle.query(messages.timeline)),
        ]);
        await refresh;
      },
      120_000 + SECONDS * 2_000,
    );
    afterAll(async () => {
      await temporal.close();
      await stack.dispose();
    }, 90_000);

    it('every call is served', () => {
      expect(failures).toEqual([]);
      const all = SECONDS * EACH_PER_SECOND;
      expect(served).toEqual({ reads: all, writes: all, signals: all, queries: all });
    });

    it('every run of it replays', async () => {
      const { temporal: address } = stack.info();
      const keyRing = readKeyRing(stack.stateDirectory);
      expect(await replayEverything({ address, namespace: 'default', keyRing })).toMatchObject({ failures: [] });
    });

    it('it goes on after a restart of the worker', async () => {
      const { pids } = stack.info();
      stack.signal('SIGKILL', 'worker');
      await stack.untilUpAgain(pids, 'worker');
      const { platform } = customer;
      await platform.call('PATCH', `/v1/connections/${id}`, { name: 'after' });
      expect(await platform.get(id)).toMatchObject({ status: 'active', name: 'after', health: { state: 'ok' } });
      expect((await platform.get(id)).credential?.generation).toBe(2);
    });
  },
);
