import { randomBytes } from 'node:crypto';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { taskQueues, workflowTypes } from '../../../contracts/ids.ts';
import {
  newReplay,
  replayIdPrefix,
  replaySignals,
  type ReplayActivities,
  type ReplayInput,
  type ReplayPageInput,
  type ReplayPageOutcome,
  type ReplayView,
} from '../../../contracts/webhook-replays.ts';
import { readableId } from '../../../platform/readable-id.ts';
import { workflowBundle } from '../../support/bundle.ts';
import { startTimeSkipping, type TimeSkipping } from '../../support/time-skipping.ts';

const endpoint = `whe_${'a'.repeat(26)}`;

describe.skipIf(inject('components').timeSkipping === null)('a replay', { timeout: 60_000 }, () => {
  let skipping: TimeSkipping;
  let client: Client;
  let close: () => Promise<void>;
  const pages: ReplayPageInput[] = [];
  let pageOf: (input: ReplayPageInput) => Promise<ReplayPageOutcome>;
  beforeAll(async () => {
    skipping = await startTimeSkipping();
    const activities: ReplayActivities = {
      estimateReplay: async () => await Promise.resolve({ estimate: 150 }),
      async replayPage(input) {
        pages.push(input);
        return await pageOf(input);
      },
    };
    const worker = await skipping.createWorker({
      activities,
      taskQueue: taskQueues.workflows,
      workflowBundle: await workflowBundle(),
    });
    const running = worker.run();
    client = skipping.environment.client;
    close = async () => {
      worker.shutdown();
      await running;
      await skipping.close();
    };
  });
  afterAll(async () => await close());

  const start = async (changes: Partial<ReplayInput> = {}): Promise<WorkflowHandle> => {
    pages.length = 0;
    const id = readableId(replayIdPrefix(endpoint), randomBytes(17));
    const input: ReplayInput = { v: 1, id, tenant: 'acme', endpoint, scope: 'all', since: SINCE, ...changes };
    return await client.workflow.start(workflowTypes.webhookReplay, {
      workflowId: id,
      taskQueue: taskQueues.workflows,
      args: [input],
      memo: { view: newReplay(input, SINCE) },
    });
  };
  const memoOf = async (handle: WorkflowHandle) => (await handle.describe()).memo?.['view'] as ReplayView;
  const page = (replayed: number, token: string | null): ReplayPageOutcome => ({
    outcome: 'page',
    replayed,
    next: token === null ? null : { source: 'deliveries', token },
  });
  const tokenOf = ({ position }: ReplayPageInput): number =>
    position.source === 'deliveries' ? Number(position.token ?? 0) : 0;

  it('goes through all pages with a pause between them, and its memo says how far it is', async () => {
    pageOf = async (input) => await Promise.resolve(page(50, tokenOf(input) === 2 ? null : `${tokenOf(input) + 1}`));
    const handle = await start();
    const view = (await handle.result()) as ReplayView;
    expect(view).toMatchObject({ status: 'finished', estimate: 150, replayed: 150, problem: null });
    expect(await memoOf(handle)).toEqual(view);
    expect(pages.map(tokenOf)).toEqual([0, 1, 2]);
    expect(new Set(pages.map(({ startedAt }) => startedAt)).size).toBe(1);
  });

  it('cancelled, it finishes the page under way and begins no other', async () => {
    let isAsked = (): void => undefined;
    let goOn = (): void => undefined;
    const asked = new Promise<void>((resolve) => (isAsked = resolve));
    const held = new Promise<void>((resolve) => (goOn = resolve));
    pageOf = async () => {
      isAsked();
      await held;
      return page(20, '1');
    };
    const handle = await start();
    await asked;
    await handle.signal(replaySignals.cancel);
    goOn();
    expect(await handle.result()).toMatchObject({ status: 'cancelled', replayed: 20 });
    expect(pages).toHaveLength(1);
  });

  it("an operator's Cancel in Temporal is the same", async () => {
    pageOf = async (input) => await Promise.resolve(page(1, `${tokenOf(input) + 1}`));
    const handle = await start();
    await handle.cancel();
    expect(await handle.result()).toMatchObject({ status: 'cancelled' });
  });

  it('where the endpoint is gone, it has failed and says why', async () => {
    const problem = { code: 'webhook_not_found', message: 'It is gone.', remedy: 'None.' };
    pageOf = async () => await Promise.resolve({ outcome: 'ended', problem });
    const handle = await start();
    expect(await handle.result()).toMatchObject({ status: 'failed', problem, replayed: 0 });
    expect(await memoOf(handle)).toMatchObject({ status: 'failed', problem });
  });

  it('one with very many pages continues as a new run, with its count, its start and its memo', async () => {
    pageOf = async (input) => await Promise.resolve(page(1, tokenOf(input) === 149 ? null : `${tokenOf(input) + 1}`));
    const handle = await start();
    expect(await handle.result()).toMatchObject({ status: 'finished', replayed: 150, estimate: 150 });
    const newest = await client.workflow.getHandle(handle.workflowId).describe();
    expect(newest.historyLength).toBeLessThan(1_100);
    expect(newest.memo?.['view']).toMatchObject({ status: 'finished', replayed: 150 });
    expect(new Set(pages.map(({ startedAt }) => startedAt)).size).toBe(1);
    expect(pages.map(tokenOf)).toEqual(Array.from({ length: 150 }, (_none, index) => index));
  });

  it('an input that is no replay fails the workflow, not its task', async () => {
    const handle = await start({ scope: 'none' as ReplayInput['scope'] });
    await expect(handle.result()).rejects.toThrow('Workflow execution failed');
    expect((await handle.describe()).status.name).toBe('FAILED');
  });
});

const SINCE = '2026-11-20T00:00:00.000Z';
