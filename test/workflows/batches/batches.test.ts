import { describe, expect, inject, test } from 'vitest';
import { batchMessages, type BatchView } from '../../../contracts/batches.ts';
import { createBatchDetails } from '../../../stores/batches/details.ts';
import { itemConnectionId } from '../../../stores/batches/item-id.ts';
import { refusal } from '../support/connection.ts';
import { useBatchWorld } from './world.ts';

const names = (prefix: string, count: number) => Array.from({ length: count }, (_none, n) => `${prefix}-${n}`);
const total = ({ counts }: BatchView) => Object.values(counts).reduce((sum, count) => sum + count, 0);

describe.skipIf(inject('components').timeSkipping === null)('a batch', { timeout: 90_000 }, () => {
  const world = useBatchWorld();

  test('1,000 items end with exact counts, each with one connection, and never more than the window at once', async () => {
    const batch = await world.start();
    await batch.add([...names('role', 960), ...names('bad', 40)]);
    const { counts, status } = await batch.until('the end', (view) => view.status === 'finished', 80_000);
    expect({ status, counts }).toMatchObject({ status: 'finished', counts: { connected: 960, refused: 40 } });
    expect(world.connections.started.size).toBe(1_000);
    expect([...world.connections.started.values()].every(({ submissions }) => submissions === 1)).toBe(true);
    expect(world.connections.mostAtOnce).toBeLessThanOrEqual(20);
    const ids = Array.from({ length: 1_000 }, (_none, index) => itemConnectionId(batch.id, index));
    expect(new Set(world.connections.started.keys())).toEqual(new Set(ids));
  });

  test('the history of a batch holds none of its items, and stays far below the limits of Temporal', async () => {
    const batch = await world.start();
    await batch.add(names('role', 200));
    await batch.until('the end', ({ status }) => status === 'finished');
    const { events = [] } = await batch.handle.fetchHistory();
    expect(events?.length).toBeLessThan(600);
    const payloads = JSON.stringify(events);
    const text = [...payloads.matchAll(/"data":"([^"]+)"/g)].map(([, data]) =>
      Buffer.from(data ?? '', 'base64').toString(),
    );
    expect(text.join('\n')).not.toContain('arn:aws');
    expect(payloads).not.toContain('role-7');
  });

  test('every connection of a batch is made with the external ID of the batch, whatever its item holds', async () => {
    const batch = await world.start();
    await batch.add(names('late', 3));
    await batch.until('three under way', ({ counts }) => counts.connecting === 3);
    for (const id of world.connections.started.keys()) {
      const stored = await world.secrets.read('pending', `${id}/batch`);
      expect(stored?.data.reveal()).toMatchObject({ external_id: 'Mooring-of-the-batch' });
    }
    await batch.cancel();
    await world.connections.letIn();
    await batch.until('the end', ({ status }) => status === 'cancelled');
  });

  test.each(['start', 'submit'] as const)(
    'where the answers to %s are lost, the step is repeated, and no item is connected or submitted twice',
    async (call) => {
      world.connections.loseAnswers(call, 3);
      const batch = await world.start();
      await batch.add(names('role', 30));
      const { counts } = await batch.until('the end', ({ status }) => status === 'finished');
      expect(counts).toMatchObject({ connected: 30 });
      expect(world.connections.started.size).toBe(30);
      expect([...world.connections.started.values()].every(({ submissions }) => submissions === 1)).toBe(true);
    },
  );

  test('a cancelled batch begins nothing more, and what had begun comes to its outcome', async () => {
    const batch = await world.start();
    await batch.add([...names('late', 20), ...names('role', 80)]);
    await batch.until('a full window', ({ counts }) => counts.connecting === 20);
    const cancelled = await batch.cancel();
    expect(cancelled).toMatchObject({ status: 'cancelling', counts: { cancelled: 80, connecting: 20 } });
    await world.connections.letIn();
    const { status, counts } = (await batch.handle.result()) as BatchView;
    expect({ status, counts }).toMatchObject({ status: 'cancelled', counts: { connected: 20, cancelled: 80 } });
    expect(world.connections.started.size).toBe(20);
    expect(await batch.stored(), 'nothing of the items is kept').toEqual([]);
  });

  test('a batch that is cancelled in the middle of a step begins no item of the next one', async () => {
    const batch = await world.start({ window: 5 });
    const begun = Promise.withResolvers<undefined>();
    const go = Promise.withResolvers<undefined>();
    world.connections.onStart = async (count) => {
      if (count < 5) return;
      begun.resolve(undefined);
      await go.promise;
    };
    await batch.add(names('role', 50));
    await begun.promise;
    await batch.cancel({ isHeld: true });
    go.resolve(undefined);
    const { counts } = (await batch.handle.result()) as BatchView;
    expect(counts).toMatchObject({ connected: 5, cancelled: 45 });
    expect(world.connections.started.size).toBe(5);
  });

  test('an item that the cloud does not let in is waiting after 15 minutes, and connected once it does', async () => {
    const batch = await world.start();
    await batch.add([...names('late', 2), ...names('role', 2)]);
    await batch.until('two connected', ({ counts }) => counts.connected === 2);
    await world.pass(17);
    const waiting = await batch.until('two waiting', ({ counts }) => counts.waiting === 2);
    expect(waiting.status).toBe('finished');
    expect((await batch.told()).filter(({ event }) => event === 'batch_finished')).toHaveLength(1);
    await world.connections.letIn();
    await world.pass(11);
    const { counts } = await batch.until('all connected', (view) => view.counts.connected === 4);
    expect(counts.waiting).toBe(0);
    expect((await batch.told()).at(-1)).toMatchObject({ event: 'batch_finished', counts: { connected: 4 } });
  });

  test('items that the cloud does not let in leave the window to the others', async () => {
    const batch = await world.start({ window: 5 });
    await batch.add([...names('late', 5), ...names('role', 5)]);
    await batch.until('a full window', ({ counts }) => counts.connecting === 5);
    await world.pass(2);
    const { counts } = await batch.until('the others connected', (view) => view.counts.connected === 5);
    expect(counts.connecting).toBe(5);
    await batch.cancel();
    await world.connections.letIn();
    await batch.until('the end', ({ status }) => status === 'cancelled');
  });

  test('an outcome is found although the connection could not publish it', async () => {
    world.connections.isSilent = true;
    const batch = await world.start();
    await batch.add([...names('role', 15), ...names('bad', 10)]);
    const { counts } = await batch.until('the end', ({ status }) => status === 'finished');
    expect(counts).toMatchObject({ connected: 15, refused: 10 });
  });

  test('items that are added later are connected too, and the batch finishes again', async () => {
    const batch = await world.start();
    expect(await batch.add(names('role', 3))).toBe(0);
    await batch.until('the end', ({ status }) => status === 'finished');
    expect(await batch.add(names('more', 2))).toBe(3);
    const { counts } = await batch.until('the end', (view) => view.counts.connected === 5);
    expect(counts.connected).toBe(5);
    const finished = (await batch.told()).filter(({ event }) => event === 'batch_finished');
    expect(finished.map((each) => each.counts.connected)).toEqual([3, 5]);
  });

  test('a batch that goes on as a new run keeps its items, its outcomes and the requests that it served', async () => {
    const batch = await world.start();
    await batch.add([...names('role', 3), ...names('late', 1)], 'once');
    await batch.until('three connected', ({ counts }) => counts.connected === 3);
    const { runId } = await batch.handle.describe();
    await world.pass(13 * 60);
    expect((await batch.handle.describe()).runId).not.toBe(runId);
    expect(await batch.outcomes()).toEqual(['connected', 'connected', 'connected', 'waiting']);
    expect(await batch.add([...names('role', 3), ...names('late', 1)], 'once')).toBe(0);
    expect(await batch.add(names('more', 60))).toBe(4);
    const { items } = await batch.until('the others connected', ({ counts }) => counts.connected === 63);
    expect(items).toBe(64);
  });

  test('a request for items that is repeated adds them once', async () => {
    const batch = await world.start();
    expect([await batch.add(names('role', 4), 'once'), await batch.add(names('role', 4), 'once')]).toEqual([0, 0]);
    const view = await batch.until('the end', ({ status }) => status === 'finished');
    expect(view.items).toBe(4);
  });

  test('a refused item says why, and what subscribers are told is at most one message a second', async () => {
    const batch = await world.start();
    await batch.add([...names('bad', 1), ...names('role', 150)]);
    const startedMs = Date.now();
    const view = await batch.until('the end', ({ status }) => status === 'finished');
    expect(total(view)).toBe(151);
    const details = await createBatchDetails(world.ephemeral).read(batch.id, [0]);
    expect(details.get(0)).toMatchObject({ label: 'bad-0', problem: { code: 'insecure_trust_policy' } });
    const progress = (await batch.told()).filter(({ event }) => event === 'batch_progress');
    expect(progress.length).toBeLessThanOrEqual(Math.ceil((Date.now() - startedMs) / 1_000) + 1);
  });

  test('no more connections are started than the tenant may have, and the others say why', async () => {
    const terms = { tags: [], setup: {}, discovery: null, deadlineSeconds: null, mostConnections: 25 };
    const batch = await world.start({ terms });
    await batch.add(names('role', 40));
    const { counts } = await batch.until('the end', ({ status }) => status === 'finished');
    expect(counts).toMatchObject({ connected: 25, failed: 15 });
    const details = await createBatchDetails(world.ephemeral).read(batch.id, [39]);
    expect(details.get(39)?.problem?.code).toBe('quota_exceeded');
  });

  test('a batch does not exist for another tenant, and takes no items once it is cancelled', async () => {
    const batch = await world.start();
    const send = async (command: object) =>
      (await refusal(batch.handle.executeUpdate(batchMessages.addItems, { args: [command] }))).code;
    const { tenant } = await batch.view();
    expect(await send({ tenant: 'globex', ref: 'r', count: 1 })).toBe('batch_not_found');
    expect(await send({ tenant, ref: 'r', count: 5_001 })).toBe('batch_full');
    expect(await send({ tenant, ref: '../x', count: 1 })).toBe('malformed_message');
    await batch.add(names('late', 1));
    await batch.until('it to begin', ({ counts }) => counts.connecting === 1);
    await batch.cancel();
    expect(await send({ tenant, ref: 'r', count: 1 })).toBe('batch_ended');
    await world.connections.letIn();
    await batch.until('the end', ({ status }) => status === 'cancelled');
  });

  test('a batch closes when its time is over, and nothing of its items is kept', async () => {
    const batch = await world.start({ openSeconds: 2 * 86_400 });
    await batch.add(names('role', 60));
    await batch.until('the end', ({ status }) => status === 'finished');
    await world.pass(49 * 60);
    expect(await batch.handle.result()).toMatchObject({ status: 'closed', counts: { connected: 60 } });
    expect(await batch.stored()).toEqual([]);
  });
});
