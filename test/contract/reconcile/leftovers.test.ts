import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { systemClock } from '../../../platform/clock.ts';
import type { JsonObject } from '../../../platform/json.ts';
import { Secret } from '../../../platform/secret.ts';
import { liveKeys, newRecord } from '../../../stores/secrets/credential-record.ts';
import { taskQueues, workflowTypes } from '../../../contracts/ids.ts';
import { eventually } from '../../support/eventually.ts';
import { startWorld, tenant, type Lived, type World } from './world.ts';

const { temporal } = inject('components');
const HOUR_MS = 3_600_000;
const later = { now: () => systemClock.now() + 2 * HOUR_MS };

describe.skipIf(temporal === null)('records that no workflow owns any more', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld(temporal!.address);
  });

  const nothing = { live: [], revoking: [], pending: [] };
  const disconnected = async (): Promise<Lived> => {
    const lived = await world.connect();
    await lived.send('disconnect');
    await lived.handle.result();
    return lived;
  };
  /** A separate grant that is not revoked yet. */
  const grantOf = async (lived: Lived) => (await world.secrets.read('live', liveKeys.renewal(lived.id)))!.data;
  const tombstoneOf = async ({ id }: Lived) => (await world.secrets.read('tombstones', id))?.data.reveal();

  it('a disconnect whose workflow was terminated halfway is resumed and finished', async () => {
    await world.cloud.fault({ endpoint: 'revoke' }, { kind: 'respond', status: 503 }, null);
    const lived = await world.connect();
    const { account } = await lived.view();
    await lived.send('disconnect');
    await eventually('the record to be retired', async () => (await lived.stored()).revoking.includes('renewal'));
    await lived.handle.terminate('An operator did it.');

    expect((await world.reconcile()).restarted).toEqual({ stopped: 0, disconnecting: 1 });
    expect((await lived.view()).status).toBe('disconnecting');
    await world.cloud.clearFaults();
    expect(await lived.handle.result()).toMatchObject({ status: 'disconnected', revocation: { outcome: 'revoked' } });
    expect(await lived.stored()).toEqual(nothing);
    expect(await tombstoneOf(lived)).toMatchObject({ account, request: lived.request });
  });

  it('a disconnect of a connection that Temporal no longer knows is resumed and finished', async () => {
    const connected = await world.connect();
    const lived = await world.forgotten(connected);
    await world.secrets.write('revoking', `${lived.id}/renewal`, await grantOf(lived));
    for (const name of (await lived.stored()).live) await world.secrets.destroy('live', `${lived.id}/${name}`);

    expect((await world.reconcile()).restarted.disconnecting).toBe(1);
    expect(await lived.handle.result()).toMatchObject({ status: 'disconnected', revocation: { outcome: 'revoked' } });
    expect(await lived.stored()).toEqual(nothing);
  });

  it('a disconnect that is resumed after its tombstone was written keeps the outcome in the tombstone', async () => {
    const lived = await disconnected();
    const before = await tombstoneOf(lived);
    const again = await world.connect();
    // The state after the tombstone is written and before the workflow ends.
    const document = { ...before, connection: { ...(before!['connection'] as JsonObject), id: again.id } };
    await world.secrets.write('tombstones', again.id, new Secret(document), { cas: 0 });
    for (const name of (await again.stored()).live) await world.secrets.destroy('live', `${again.id}/${name}`);
    await again.handle.terminate();

    expect((await world.reconcile()).restarted).toEqual({ stopped: 0, disconnecting: 1 });
    expect(await again.handle.result()).toMatchObject({ revocation: before!['revocation'] });
  });

  it('a credential that arrives after a disconnect is revoked, and the tombstone stays as it is', async () => {
    const lived = await disconnected();
    const tombstone = await tombstoneOf(lived);
    const late = await grantOf(await world.connect());
    await world.secrets.write('revoking', `${lived.id}/late-attempt`, late);
    const { grantsRevoked } = await world.cloud.counters();

    expect(await world.reconcile()).toMatchObject({ swept: 1, restarted: { stopped: 0, disconnecting: 0 } });
    await eventually('it to be swept', async () => (await lived.stored()).revoking.length === 0);
    expect((await world.cloud.counters()).grantsRevoked).toBe(grantsRevoked + 1);
    expect(await tombstoneOf(lived)).toEqual(tombstone);
    expect(await lived.runStatus()).toBe('COMPLETED');
    expect((await world.reconcile()).swept).toBe(0);
  });

  it('a record that an attempt wrote back under an ended connection is removed', async () => {
    const lived = await disconnected();
    const record = await grantOf(await world.connect());
    for (const key of [liveKeys.renewal(lived.id), liveKeys.access(lived.id)])
      await world.secrets.write('live', key, record);
    expect((await world.reconcile()).swept).toBe(1);
    await eventually('it to be swept', async () => Object.values(await lived.stored()).flat().length === 0);
  });

  it('a submission that no workflow accepts is dropped after an hour, and not before', async () => {
    const id = `val_${randomUUID()}`;
    const ref = { id, tenant, provider: 'ovh', region: 'ovh-eu', method: 'api_credentials' };
    const record = new Secret<JsonObject>({ ...newRecord(ref), consumer_key: 'canary' });
    await world.secrets.write('pending', `${id}/submitted`, record);
    expect((await world.reconcile()).discarded).toBe(0);
    expect((await world.reconcile({ clock: later })).discarded).toBe(1);
    await eventually('it to be dropped', async () => (await world.secrets.list('pending', `${id}/`)).length === 0);
  });

  it('a submission is not dropped while a workflow validates it', async () => {
    const id = `val_${randomUUID()}`;
    const connection = { id, tenant, provider: 'ovh', region: 'ovh-eu', method: 'api_credentials' };
    const handle = await world.client.workflow.start(workflowTypes.validation, {
      workflowId: id,
      taskQueue: taskQueues.workflows,
      args: [{ connection, pendingRef: 'submitted' }],
    });
    await world.secrets.write('pending', `${id}/submitted`, new Secret<JsonObject>({ ...newRecord(connection) }));
    expect((await world.reconcile({ clock: later })).discarded).toBe(0);
    expect(await world.secrets.list('pending', `${id}/`)).toEqual(['submitted']);
    await handle.terminate();
    expect((await world.reconcile({ clock: later })).discarded).toBe(1);
  });

  it('a record with an unknown owner is logged and left alone, and all other connections are handled', async () => {
    const unknown = `con_${randomUUID()}`;
    await world.secrets.write('live', liveKeys.renewal(unknown), new Secret({ written: 'by another program' }));
    const lost = await world.connect();
    await lost.handle.terminate();

    expect(await world.reconcile()).toMatchObject({ failed: 1, restarted: { stopped: 1 } });
    expect(world.log()).toContain(unknown);
    expect(world.log()).toContain('nothing_known');
    expect(await world.secrets.read('live', liveKeys.renewal(unknown))).toBeDefined();
    await world.secrets.destroy('live', liveKeys.renewal(unknown));
  });
});
