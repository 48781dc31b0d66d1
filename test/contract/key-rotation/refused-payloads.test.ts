import { randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import { describe, expect, inject, test } from 'vitest';
import { KeyRing } from '../../../platform/key-ring.ts';
import { createDataConverter } from '../../../platform/temporal/data-converter.ts';
import { RefusedPayloadError } from '../../../platform/temporal/payload-codec.ts';
import { refusals } from '../../../contracts/refused-payload.ts';
import { eventually } from '../../support/eventually.ts';
import { openWorld, rotatingOf, startRotating, steps, taskQueue, type World } from './world.ts';

const temporal = inject('components').temporal;
const open = async (): Promise<World> => {
  if (!temporal) throw new Error('This suite is skipped without Temporal.');
  return await openWorld(temporal.address);
};
const isKnownKey = async (id: string): Promise<boolean> => id === 'k1' || id === 'k2';

/** A client that seals every payload for the workflow `from`, whichever workflow it sends to. */
function moved({ connection, namespace }: World, keys: string, from: string): Client {
  const { payloadCodecs = [] } = createDataConverter(KeyRing.parse(keys), 'required');
  const sealedFor = { type: 'workflow', namespace, workflowId: from } as const;
  const codec = {
    encode: async (payloads: Parameters<(typeof payloadCodecs)[0]['encode']>[0]) =>
      (await payloadCodecs[0]?.encode(payloads, sealedFor)) ?? [],
    decode: async (payloads: Parameters<(typeof payloadCodecs)[0]['decode']>[0]) => payloads,
  };
  return new Client({ connection, namespace, dataConverter: { payloadCodecs: [codec] } });
}

describe.skipIf(temporal === null)('payloads of a sender that can reach Temporal', { timeout: 60_000 }, () => {
  test('a payload that is not sealed for this workflow is refused with a reason, and the workflow goes on', async () => {
    const world = await open();
    const api = world.client(steps.before);
    await world.worker(steps.before, { isKnownKey });
    const workflowId = await startRotating(api);
    const mooring = rotatingOf(api, workflowId);
    await mooring.update('ours');

    const garbage = [
      world.stranger(),
      world.client(KeyRing.generate('made-up')),
      world.client(KeyRing.generate('k1')),
      moved(world, steps.before, 'rotating-another'),
    ];
    for (const sender of garbage) await rotatingOf(sender, workflowId).signal('not ours');
    for (const sender of garbage) {
      const handle = sender.workflow.getHandle(workflowId);
      await handle.startUpdate('noted', { args: ['not ours'], waitForStage: 'ACCEPTED' });
    }
    expect(await mooring.update('ours again')).toBe(2);
    const { notes, refused } = await mooring.state();
    expect(notes).toEqual(['ours', 'ours again']);
    const each = [refusals.unsealed, refusals.unknownKey, refusals.changed, refusals.foreign];
    expect(refused.toSorted()).toEqual([...each, ...each].toSorted());

    // Also in the next run, which starts from the carried state.
    await mooring.turn();
    await eventually('the next run', async () => (await mooring.state()).runs === 2);
    expect((await mooring.state()).refused).toHaveLength(8);
  });

  test('a workflow that is started with an unsealed input runs without that input', async () => {
    const world = await open();
    await world.worker(steps.before, { isKnownKey });
    const workflowId = `planted-${randomUUID()}`;
    const planted = { notes: ['planted'], refused: [], runs: 7 };
    await world.stranger().workflow.start('rotating', { workflowId, taskQueue, args: [planted] });
    expect(await rotatingOf(world.client(steps.before), workflowId).state()).toEqual({
      notes: [],
      refused: [refusals.unsealed],
      runs: 1,
    });
  });

  test('a client throws RefusedPayloadError when it reads an unsealed memo', async () => {
    const world = await open();
    const workflowId = `planted-${randomUUID()}`;
    await world.stranger().workflow.start('scheduled', {
      workflowId,
      taskQueue,
      args: ['planted'],
      memo: { view: { notes: 99 } },
    });
    const handle = world.client(steps.before).workflow.getHandle(workflowId);
    await expect(handle.describe()).rejects.toThrow(RefusedPayloadError);
  });
});
