import { randomUUID } from 'node:crypto';
import { Client, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { taskQueues } from '../../../contracts/ids.ts';
import {
  deliverySignals,
  type AttemptInput,
  type AttemptOutcome,
  type DeliveryInput,
  type DeliveryView,
} from '../../../contracts/webhooks.ts';
import { deliveryOptions } from '../../../platform/temporal/delivery-start.ts';
import { startWorkflow } from '../../../platform/temporal/typed-client.ts';
import { workflowBundle } from '../../support/bundle.ts';
import { eventually } from '../../support/eventually.ts';
import { startTimeSkipping, type TimeSkipping } from '../../support/time-skipping.ts';
import { eventNames } from '../support/history.ts';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600 * SECOND_MS;
/** As the contract has it, in seconds. */
const SCHEDULE = [0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
const problem = { code: 'endpoint_refused', message: 'It answered 500.', remedy: 'Look at it.' };

const made = (status: number | null, failed = true) => ({
  at: '2030-01-01T00:00:00.000Z',
  durationMs: 1,
  status,
  answer: 'x'.repeat(4_000),
  problem: failed ? problem : null,
});
const failed = (more: Partial<Extract<AttemptOutcome, { outcome: 'failed' }>> = {}): AttemptOutcome => ({
  outcome: 'failed',
  attempt: made(500),
  isLast: false,
  retryAfterSeconds: null,
  ...more,
});
const delivered: AttemptOutcome = { outcome: 'delivered', attempt: made(200, false) };

describe.skipIf(inject('components').timeSkipping === null)('a delivery', () => {
  let skipping: TimeSkipping;
  let workers: Worker[];
  let running: Promise<unknown>;
  /** What each attempt answers, in order; the last one again and again. */
  let outcomes: (AttemptOutcome | Error)[];
  let attempts: { readonly atMs: number; readonly input: AttemptInput }[];

  beforeAll(async () => {
    skipping = await startTimeSkipping();
    const deliverWebhook = async (input: AttemptInput): Promise<AttemptOutcome> => {
      attempts.push({ atMs: skipping.clock.now(), input });
      const outcome = outcomes.length > 1 ? outcomes.shift() : outcomes[0];
      if (outcome === undefined) throw new Error('The test says what is answered.');
      if (outcome instanceof Error) throw outcome;
      return outcome;
    };
    workers = [
      await skipping.createWorker({ taskQueue: taskQueues.workflows, workflowBundle: await workflowBundle() }),
      await skipping.createWorker({ taskQueue: taskQueues.webhooks, activities: { deliverWebhook } }),
    ];
    running = Promise.all(workers.map((worker) => worker.run()));
    return undefined;
  });
  afterAll(async () => {
    for (const worker of workers) worker.shutdown();
    await running;
    await skipping.close();
  });
  beforeEach(() => {
    attempts = [];
    outcomes = [failed()];
  });

  async function start(more: { test?: true } = {}) {
    const event = {
      id: `evt_${randomUUID()}`,
      type: 'connection.paused',
      timestamp: '2030-01-01T00:00:00.000Z',
      data: {},
      ...more,
    } as const;
    const input: DeliveryInput = { v: 1, tenant: 'acme', endpoint: 'whe_a', event };
    // Not the environment's own client: where that one waits for a result, time is skipped without an end.
    const client = new Client({ connection: skipping.environment.connection });
    const nowMs = await skipping.environment.currentTimeMs();
    const handle: WorkflowHandle = await startWorkflow(client, 'webhookDelivery', deliveryOptions(input, nowMs));
    return { handle, id: handle.workflowId, client, startedAtMs: nowMs };
  }
  const pass = async (hours: number): Promise<void> => {
    for (let left = hours; left > 0; left -= 12) await skipping.environment.sleep(Math.min(left, 12) * HOUR_MS);
  };
  const viewOf = async (handle: WorkflowHandle): Promise<DeliveryView> =>
    (await handle.describe()).memo?.['view'] as DeliveryView;
  const attemptsAre = async (count: number): Promise<void> =>
    void (await eventually(`${count} attempts`, () => attempts.length === count));

  /** What came of so many attempts is known. A request during an attempt is answered by that attempt. */
  const shown = async (handle: WorkflowHandle, count: number): Promise<void> =>
    void (await eventually(
      `${count} attempts in the view`,
      async () => (await viewOf(handle)).attempts.length === count,
    ));

  test('that always fails is tried ten times on the schedule of the contract, and is kept as failed', async () => {
    const { handle, id, client, startedAtMs } = await start();
    await pass(100);
    expect(attempts.map(({ input }) => input.attempt)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    for (const [index, seconds] of SCHEDULE.entries()) {
      const after = index === 0 ? startedAtMs : (attempts[index - 1]?.atMs ?? 0);
      const waited = ((attempts[index]?.atMs ?? 0) - after) / SECOND_MS;
      // The test server counts in whole seconds, and its clock goes on while a slow machine starts an attempt.
      expect(waited).toBeGreaterThanOrEqual(seconds * 0.9 - 1);
      expect(waited).toBeLessThanOrEqual(seconds * 1.1 + 25);
    }
    const view = await viewOf(client.workflow.getHandle(id));
    expect(view).toMatchObject({ status: 'failed', nextAttemptAt: null });
    expect(view.attempts).toHaveLength(10);
    expect(JSON.stringify(view.attempts).length).toBeLessThan(12_000);
    // No run lasts much longer than a day, and none has a long history.
    const first = await handle.fetchHistory();
    expect(eventNames(first).length).toBeLessThan(120);
    expect((await client.workflow.getHandle(id).describe()).runId).not.toBe(
      (handle as unknown as { firstExecutionRunId: string }).firstExecutionRunId,
    );
  });

  test('ends with the first success, and shows what was answered', async () => {
    outcomes = [failed(), failed(), delivered];
    const { handle } = await start();
    await pass(1);
    expect(await handle.result()).toMatchObject({ status: 'delivered', nextAttemptAt: null });
    expect((await viewOf(handle)).attempts.map(({ status }) => status)).toEqual([500, 500, 200]);
    await pass(100);
    expect(attempts).toHaveLength(3);
  });

  test('waits as long as the endpoint asks, up to a day, and never less than the schedule', async () => {
    outcomes = [
      failed({ retryAfterSeconds: 3_600 }),
      failed({ retryAfterSeconds: 1 }),
      failed({ retryAfterSeconds: 1e9 }),
      delivered,
    ];
    await start();
    await pass(40);
    const waits = attempts.slice(1).map(({ atMs }, index) => (atMs - (attempts[index]?.atMs ?? 0)) / SECOND_MS);
    expect(waits[0]).toBeGreaterThanOrEqual(3_600);
    expect(waits[0]).toBeLessThan(3_640);
    expect(waits[1]).toBeGreaterThanOrEqual(300 * 0.9 - 1);
    expect(waits[2]).toBeGreaterThanOrEqual(86_400);
    expect(waits[2]).toBeLessThan(86_440);
  });

  test('is not tried again once the endpoint is gone', async () => {
    outcomes = [failed({ attempt: made(410), isLast: true })];
    const { handle } = await start();
    expect(await handle.result()).toMatchObject({ status: 'failed', nextAttemptAt: null });
    await pass(100);
    expect(attempts).toHaveLength(1);
  });

  test('is dropped where its endpoint was deleted, and failed where it is disabled, so that it can be replayed', async () => {
    outcomes = [{ outcome: 'dropped', problem }];
    expect(await (await start()).handle.result()).toMatchObject({ status: 'dropped', attempts: [] });
    outcomes = [{ outcome: 'disabled', problem }];
    expect(await (await start()).handle.result()).toMatchObject({ status: 'failed', attempts: [] });
  });

  test('is made at once where a person asks, in place of the attempt that it waited for', async () => {
    outcomes = [failed(), failed(), failed(), delivered];
    const { handle } = await start();
    await shown(handle, 2);
    await handle.signal(deliverySignals.retryNow);
    await shown(handle, 3);
    await handle.signal(deliverySignals.retryNow);
    expect(await handle.result()).toMatchObject({ status: 'delivered' });
    expect(attempts.map(({ input }) => input.attempt)).toEqual([1, 2, 3, 4]);
  });

  test('of a sample is one attempt', async () => {
    const { handle } = await start({ test: true });
    expect(await handle.result()).toMatchObject({ status: 'failed', attempts: [{ status: 500 }] });
  });

  test('is attempted again where its worker is lost, or nothing could be sent yet, and that counts once', async () => {
    const notSent = ApplicationFailure.create({ type: 'not_yet', message: 'Held.', nextRetryDelay: 60_000 });
    outcomes = [notSent, new Error('The worker is gone.'), notSent, failed(), delivered];
    const { handle } = await start();
    await pass(1);
    expect(await handle.result()).toMatchObject({ status: 'delivered' });
    expect(attempts.map(({ input }) => input.attempt)).toEqual([1, 1, 1, 1, 2]);
    const scheduled = eventNames(await handle.fetchHistory()).filter((name) =>
      name.endsWith('ACTIVITY_TASK_SCHEDULED'),
    );
    expect(scheduled).toHaveLength(2);
  });

  test('that an operator cancels is shown as dropped', async () => {
    const { handle } = await start();
    await attemptsAre(2);
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow(/cancel/i);
    expect(await viewOf(handle)).toMatchObject({ status: 'dropped', nextAttemptAt: null });
  });

  test('an input that is no delivery fails at once', async () => {
    const client = new Client({ connection: skipping.environment.connection });
    const options = deliveryOptions(
      { v: 1, tenant: 'acme', endpoint: 'whe_a', event: { id: 'evt_x', type: 'test.ping', timestamp: '', data: {} } },
      0,
    );
    const handle = await startWorkflow(client, 'webhookDelivery', { ...options, workflowId: randomUUID() });
    await expect(handle.result()).rejects.toThrow('Workflow execution failed');
    expect(attempts).toEqual([]);
  });
});
