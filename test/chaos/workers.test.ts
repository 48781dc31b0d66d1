import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import type { OAuthCounters } from '../../sandbox/client.ts';
import type { StackPlan } from '../../scripts/dev/plan.ts';
import { createCustomer, type Customer } from '../support/customer.ts';
import { eventually } from '../support/eventually.ts';
import { startTestStack, type TestStack } from './support/test-stack.ts';
import { openTemporal, type TemporalView } from './support/temporal-history.ts';
import { startWorker, type WorkerProcess } from './support/worker-process.ts';

const FREEZE_MS = 12_000;

describe.skipIf(inject('components').temporal === null)(
  'a worker in the middle of a refresh',
  { timeout: 90_000 },
  () => {
    let stack: TestStack;
    let plan: StackPlan;
    let customer: Customer;
    let temporal: TemporalView;
    let before: OAuthCounters;
    const workers: WorkerProcess[] = [];

    const addWorker = async (): Promise<WorkerProcess> => {
      if (!plan.processes.worker) throw new Error('The plan has a worker.');
      const worker = await startWorker(plan.processes.worker);
      workers.push(worker);
      return worker;
    };
    /** A connection whose refresh is held by the cloud, the token spent. */
    const heldRefresh = async () => {
      const { id } = await customer.connect();
      before = await customer.cloud.counters();
      await customer.cloud.fault({ endpoint: 'token.refresh' }, { kind: 'hold_after' });
      customer.platform.call('POST', `/v1/connections/${id}/refresh`).catch(() => {});
      return { id, hold: await customer.cloud.waitForHold('token.refresh') };
    };
    const renewed = async (id: string) =>
      await customer.platform.until(id, ({ credential }) => credential?.generation === 2, 30_000);

    beforeAll(async () => {
      stack = await startTestStack({}, (planned) => {
        plan = planned;
        return { ...planned, processes: { ...planned.processes, worker: null } };
      });
      customer = createCustomer(stack.info());
      temporal = await openTemporal(stack.info().temporal);
    }, 90_000);

    afterEach(async () => {
      await Promise.all(workers.splice(0).map(async (worker) => await worker.kill()));
      await customer.cloud.clearFaults();
    });

    afterAll(async () => {
      await temporal.close();
      await stack.stop();
    }, 90_000);

    it('a worker that is frozen for 12 s during a refresh loses no response and spends one token', async () => {
      const worker = await addWorker();
      const { id, hold } = await heldRefresh();
      worker.signal('SIGSTOP');
      const frozenAt = performance.now();
      await customer.cloud.release(hold);
      const thawing = async () =>
        performance.now() - frozenAt >= FREEZE_MS && (await temporal.pendingAttempt(id, 'refreshCredential')) > 1;
      await eventually('Temporal to have given up the frozen worker', thawing, 2 * FREEZE_MS);
      worker.signal('SIGCONT');

      expect(await renewed(id)).toMatchObject({ status: 'active', problem: null });
      const after = await customer.cloud.counters();
      expect(after.refreshTokensSpent - before.refreshTokensSpent).toBe(1);
      expect(after.refreshTokensSpentTwice - before.refreshTokensSpentTwice).toBe(0);
    });

    it('the other worker takes over the refresh of a killed worker and replays it once', async () => {
      await customer.cloud.change({ ovh: { rotationGraceSeconds: 30 } });
      await Promise.all([addWorker(), addWorker()]);
      const { id } = await heldRefresh();
      const [killed, survivor] = await heldBy(id);
      await killed.kill();

      const other = await customer.connect();
      expect(other.status).toBe('active');
      expect(await renewed(id)).toMatchObject({ status: 'active', problem: null });
      // The new facts are shown as soon as they are published, which is before the workflow receives them.
      const taken = async () => (await temporal.takers(id)).at(-1) === survivor.pid;
      await eventually('the other worker to take the workflow up', taken, 30_000);
      const after = await customer.cloud.counters();
      expect(after.refreshTokensSpentTwice - before.refreshTokensSpentTwice).toBe(1);
      expect(after.rotationsAnsweredAgain - before.rotationsAnsweredAgain).toBe(1);
    });

    async function heldBy(id: string): Promise<[holder: WorkerProcess, other: WorkerProcess]> {
      const pid = await temporal.holder(id, 'refreshCredential');
      const holder = workers.find((worker) => worker.pid === pid);
      const other = workers.find((worker) => worker.pid !== pid);
      if (!holder || !other) throw new Error(`Process ${pid} holds the refresh: it is none of the two workers.`);
      return [holder, other];
    }
  },
);
