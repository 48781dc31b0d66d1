import type { Client } from '@temporalio/client';
import { describe, expect, inject, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { openWorld, rotatingOf, startRotating, steps, type World } from './world.ts';

const temporal = inject('components').temporal;
const open = async (): Promise<World> => {
  if (!temporal) throw new Error('This suite is skipped without Temporal.');
  return await openWorld(temporal.address);
};

/** Sends messages through each of the APIs, and reads them back through all of them. */
async function traffic(apis: readonly Client[], workflowId: string, label: string): Promise<void> {
  const before = (await rotatingOf(apis[0] as Client, workflowId).state()).notes.length;
  for (const [index, api] of apis.entries()) {
    await rotatingOf(api, workflowId).signal(`${label}: signal ${index}`);
    await rotatingOf(api, workflowId).update(`${label}: update ${index}`);
  }
  for (const api of apis) {
    const { state, memo } = rotatingOf(api, workflowId);
    expect((await state()).notes.slice(before).toSorted()).toEqual(
      apis.flatMap((_, index) => [`${label}: signal ${index}`, `${label}: update ${index}`]).toSorted(),
    );
    const expected = { view: { notes: before + 2 * apis.length }, request: { digest: 'digest' } };
    await eventually('the memo', async () => {
      expect(await memo()).toEqual(expected);
      return true;
    });
  }
}

async function turn(api: Client, workflowId: string): Promise<void> {
  const { state, turn: next } = rotatingOf(api, workflowId);
  const { runs } = await state();
  await next();
  await eventually('the next run', async () => (await state()).runs === runs + 1);
}

describe.skipIf(temporal === null)('a key rotation on a real Temporal', { timeout: 120_000 }, () => {
  test('a running workflow keeps working through a key rotation whose processes are at two steps at once', async () => {
    const world = await open();
    const first = world.client(steps.before);
    const workflowId = await startRotating(first);
    let stopOlder = await world.worker(steps.before);
    await traffic([first], workflowId, 'before');

    const order = [steps.before, steps.behind, steps.inFront] as const;
    for (const [index, newer] of order.slice(1).entries()) {
      const older = order[index] ?? newer;
      const stopNewer = await world.worker(newer);
      const apis = [world.client(older), world.client(newer)];
      await traffic(apis, workflowId, `rolling ${index}`);
      await turn(apis[0] as Client, workflowId);
      await traffic(apis, workflowId, `rolling ${index}, next run`);
      await stopOlder();
      stopOlder = stopNewer;
      await traffic([world.client(newer)], workflowId, `rolled ${index}`);
    }

    // Every process seals with the new key now: after one more run, nothing in it needs the old key.
    await turn(world.client(steps.inFront), workflowId);
    await world.worker(steps.dropped);
    await stopOlder();
    const last = world.client(steps.dropped);
    await traffic([last], workflowId, 'dropped');
    await turn(last, workflowId);
    await traffic([last], workflowId, 'dropped, next run');
    expect((await rotatingOf(last, workflowId).state()).refused).toEqual([]);
  });

  test('a workflow whose worker lacks a key goes on once a worker with that key starts', async () => {
    const world = await open();
    const api = world.client(steps.inFront);
    const workflowId = await startRotating(world.client(steps.before));
    const stop = await world.worker(steps.before);
    await rotatingOf(world.client(steps.before), workflowId).update('before');
    await rotatingOf(api, workflowId).signal('sealed with a key that the worker lacks');
    await eventually('the task to fail', async () => {
      const { namespace, connection } = world;
      const execution = { workflowId };
      const { pendingWorkflowTask } = await connection.workflowService.describeWorkflowExecution({
        namespace,
        execution,
      });
      return (pendingWorkflowTask?.attempt ?? 0) > 1;
    });
    await stop();
    await world.worker(steps.behind);
    const served = await eventually('the signal to be served', async () => {
      const { notes, refused } = await rotatingOf(api, workflowId).state();
      return notes.length === 2 && { notes, refused };
    });
    expect(served).toEqual({ notes: ['before', 'sealed with a key that the worker lacks'], refused: [] });
  });
});
