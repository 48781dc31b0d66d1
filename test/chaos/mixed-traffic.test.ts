import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection as TemporalConnection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createDataConverter } from '../../platform/temporal/data-converter.ts';
import { messages } from '../../contracts/messages.ts';
import { createCustomer, type Customer } from '../support/customer.ts';
import { eventually } from '../support/eventually.ts';
import { replayEverything } from '../support/replay-everything.ts';
import { leaveLittleToFind } from './support/resources.ts';
import { createStackProcess, type StackProcess } from './support/stack-process.ts';
import { readKeyRing } from './support/stack-stores.ts';

/** A run in CI is short; the figures in docs/reliability.md are of five minutes. */
const SECONDS = Number(process.env['MIXED_TRAFFIC_SECONDS'] ?? 20);
const EACH_PER_SECOND = 10;
/** Concurrent calls of each kind; a connection accepts ten updates at once. */
const AT_ONCE = 4;

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

    /** Makes a fixed number of calls per second, a few at once; on a slow machine fewer. */
    async function steadily(kind: keyof typeof served, call: (number: number) => Promise<unknown>): Promise<void> {
      const startedAt = performance.now();
      const lane = async (first: number): Promise<void> => {
        for (let number = first; number < SECONDS * EACH_PER_SECOND; number += AT_ONCE) {
          await pause(Math.max(0, startedAt + (number * 1000) / EACH_PER_SECOND - performance.now()));
          await call(number).then(
            () => void (served[kind] += 1),
            (error: unknown) => void failures.push(`${kind}: ${String(error)}`),
          );
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, (_, first) => lane(first)));
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
          // Half of the signals have a shape that the workflow does not know.
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

    it('every call is served under mixed traffic on one connection', () => {
      expect(failures).toEqual([]);
      const all = SECONDS * EACH_PER_SECOND;
      expect(served).toEqual({ reads: all, writes: all, signals: all, queries: all });
    });

    it('every run of a connection under mixed traffic replays', async () => {
      const { temporal: address } = stack.info();
      const keyRing = readKeyRing(stack.stateDirectory);
      expect(await replayEverything({ address, namespace: 'default', keyRing })).toMatchObject({ failures: [] });
    });

    it('a connection continues after mixed traffic and a restart of the worker', async () => {
      const { pids } = stack.info();
      stack.signal('SIGKILL', 'worker');
      await stack.untilUpAgain(pids, 'worker');
      const { platform } = customer;
      // Temporal waits 5 s for the dead worker before it gives the task to another; until then the API answers 503.
      await eventually(
        'a worker to answer',
        async () => await platform.call('PATCH', `/v1/connections/${id}`, { name: 'after' }),
        30_000,
      );
      expect(await platform.get(id)).toMatchObject({ status: 'active', name: 'after', health: { state: 'ok' } });
      expect((await platform.get(id)).credential?.generation).toBe(2);
    });
  },
);
