import { beforeAll, describe, expect, inject, it } from 'vitest';
import { liveKeys } from '../../../stores/secrets/credential-record.ts';
import { messages } from '../../../contracts/messages.ts';
import { eventually } from '../../support/eventually.ts';
import { startWorld, tenant, type Lived, type World } from './world.ts';

const { temporal } = inject('components');

describe.skipIf(temporal === null)('a connection whose workflow was ended from outside', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld(temporal!.address);
  });

  const terminated = async (): Promise<Lived> => {
    const lived = await world.connect();
    await lived.handle.terminate('An operator did it.');
    return lived;
  };
  const stopped = async (): Promise<Lived> => {
    const lived = await terminated();
    await world.reconcile();
    await lived.reaches('stopped');
    return lived;
  };
  const keepsFresh = async ({ handle }: Lived): Promise<boolean> =>
    ((await handle.describe()).raw.pendingActivities ?? []).some(
      ({ activityType }) => activityType?.name === 'keepFresh',
    );

  it('a terminated connection runs again as stopped, is shown without a worker, and hands out no access', async () => {
    const lived = await terminated();
    const before = await lived.view();
    expect((await lived.stored()).live).toEqual(['about', 'access', 'renewal']);

    const report = await world.reconcile();
    expect(report.restarted).toEqual({ stopped: 1, disconnecting: 0 });
    expect(report).toMatchObject({ failed: 0, swept: 0, postponed: 0 });
    expect(report.stopped).toBeGreaterThanOrEqual(1);
    expect((await lived.stored()).live).toEqual(['about', 'renewal']);
    const { raw, memo } = await lived.handle.describe();
    expect(memo?.['request']).toEqual(lived.request);
    expect(await lived.view()).toMatchObject({
      id: lived.id,
      status: 'stopped',
      problem: { code: 'stopped' },
      name: 'Blog',
      tags: ['blue'],
      account: before.account,
      createdAt: before.createdAt,
      credential: null,
    });
    const attribute = (name: string): unknown =>
      JSON.parse(
        Buffer.from(raw.workflowExecutionInfo?.searchAttributes?.indexedFields?.[name]?.data ?? '').toString(),
      );
    expect(attribute('MooringStatus')).toBe('stopped');
    expect(attribute('MooringReason')).toBe('stopped');
    expect(attribute('MooringTenant')).toBe(tenant);
    expect(attribute('MooringAccount')).toBe(await world.searchDigests.account(tenant, before.account?.id ?? ''));
    expect(attribute('MooringName')).toEqual(await world.searchDigests.words(tenant, 'Blog'));
    expect(Date.parse(attribute('MooringCreatedAt') as string)).toBe(Date.parse(before.createdAt));
    expect(await lived.handle.query(messages.view)).toEqual(await lived.view());
    expect(await keepsFresh(lived)).toBe(false);
    const events = await eventually('the event to be published', async () => {
      const entries = await world.ephemeral.readStream(`events:${tenant}`, null, 1_000);
      return entries.find(
        ({ value }) => JSON.stringify(value).includes(lived.id) && JSON.stringify(value).includes('"stopped"'),
      );
    });
    expect(events.value).toMatchObject({ connection: lived.id, event: 'stopped', status: 'stopped' });
  });

  it('a stopped connection is left as it is by the next reconciliation', async () => {
    const lived = await stopped();
    const { runId } = await lived.handle.describe();
    expect((await world.reconcile()).restarted).toEqual({ stopped: 0, disconnecting: 0 });
    expect((await lived.handle.describe()).runId).toBe(runId);
  });

  it('a stopped connection is handed out and kept fresh after it is recovered, and spends no token before that', async () => {
    const { refreshTokensSpent: spent } = await world.cloud.counters();
    const lived = await stopped();
    await lived.send('recover', { requestId: 'once' });
    expect(await lived.view()).toMatchObject({ status: 'active', credential: { generation: 1 } });
    await eventually('keepFresh to be pending', async () => await keepsFresh(lived));
    expect((await lived.stored()).live).toEqual(['about', 'access', 'renewal']);
    expect((await world.cloud.counters()).refreshTokensSpent).toBe(spent);

    await lived.send('refresh', { minTtlSeconds: null });
    const access = (await world.secrets.read('live', liveKeys.access(lived.id)))?.data.reveal();
    expect(access).toMatchObject({ mooring: { generation: 2 } });
  });

  it('a stopped connection that is disconnected is revoked and leaves a tombstone', async () => {
    const lived = await stopped();
    const { account } = await lived.view();
    const { grantsRevoked } = await world.cloud.counters();
    await lived.send('disconnect');
    expect(await lived.handle.result()).toMatchObject({ status: 'disconnected', revocation: { outcome: 'revoked' } });
    expect((await world.cloud.counters()).grantsRevoked).toBeGreaterThan(grantsRevoked);
    expect(await lived.stored()).toEqual({ live: [], revoking: [], pending: [] });
    const tombstone = (await world.secrets.read('tombstones', lived.id))?.data.reveal();
    expect(tombstone).toMatchObject({ account, request: lived.request, connection: { id: lived.id, tenant } });
  });

  it('a connection whose workflow an operator cancels is stopped, and not revoked', async () => {
    const lived = await world.connect();
    const { grantsRevoked } = await world.cloud.counters();
    await lived.handle.cancel();
    await eventually('the workflow to be cancelled', async () => (await lived.runStatus()) === 'CANCELLED');
    expect((await lived.stored()).live).toEqual(['about', 'renewal']);

    expect((await world.reconcile()).restarted.stopped).toBe(1);
    expect(await lived.runStatus()).toBe('RUNNING');
    expect((await lived.view()).status).toBe('stopped');
    expect((await world.cloud.counters()).grantsRevoked).toBe(grantsRevoked);
    expect((await lived.send('recover')).status).toBe('active');
  });

  it('a connection that Temporal no longer knows runs again as stopped, from its stored records', async () => {
    const connected = await world.connect();
    const { account } = await connected.view();
    const lived = await world.forgotten(connected);
    await expect(lived.handle.describe()).rejects.toThrow(/not found/i);

    expect((await world.reconcile()).restarted.stopped).toBe(1);
    expect((await lived.stored()).live).toEqual(['about', 'renewal']);
    expect(await lived.view()).toMatchObject({ status: 'stopped', name: 'Blog', tags: ['blue'], account });
    expect((await lived.handle.describe()).memo?.['request']).toEqual(lived.request);
    expect((await lived.send('recover')).status).toBe('active');
  });

  it('a connection that was never active waits for its customer again after it is recovered', async () => {
    const lived = await world.start();
    await lived.handle.terminate();
    expect((await world.reconcile()).restarted.stopped).toBe(1);
    expect(await lived.view()).toMatchObject({ status: 'stopped', name: 'Blog', invitation: null });

    expect((await lived.send('recover')).status).toBe('awaiting_customer');
    const terms = { lifetimeSeconds: 3_600, passcodeRequired: false, confirm: false };
    const { invitation } = await lived.send('invite', { invitation: terms });
    expect(invitation?.epoch).toBeGreaterThan(1);
    await lived.signIn();
    await lived.reaches('active');
  });

  it('a stopped connection drops a submission that was never accepted', async () => {
    const lived = await world.connect();
    await lived.handle.terminate();
    const live = await world.secrets.read('live', liveKeys.renewal(lived.id));
    await world.secrets.write('pending', `${lived.id}/unproven`, live!.data);
    await world.reconcile();
    await eventually('it to be dropped', async () => (await lived.stored()).pending.length === 0);
    expect((await lived.view()).status).toBe('stopped');
  });

  it('a connection that was terminated during its promotion keeps its grant at the cloud', async () => {
    const lived = await world.connect();
    await lived.handle.terminate();
    // The state that a promotion leaves when it is killed after its first write.
    const live = await world.secrets.read('live', liveKeys.renewal(lived.id));
    const { attempt_id } = live!.data.reveal()['mooring'] as { attempt_id: string };
    await world.secrets.write('pending', `${lived.id}/${attempt_id.replace('promotion:', '')}`, live!.data);
    const { grantsRevoked } = await world.cloud.counters();

    await world.reconcile();
    await eventually('the copy to be dropped', async () => (await lived.stored()).pending.length === 0);
    expect((await world.cloud.counters()).grantsRevoked).toBe(grantsRevoked);
    await lived.send('recover');
    expect(await lived.send('refresh', { minTtlSeconds: null })).toMatchObject({ spent: true });
  });

  it('a reconciliation restarts connections up to its limit, and the next one restarts the others', async () => {
    const lost = [await terminated(), await terminated(), await terminated()];
    const first = await world.reconcile({ limits: { repairs: 2, atOnce: 1 } });
    expect(first).toMatchObject({ restarted: { stopped: 2 }, postponed: 1 });
    const second = await world.reconcile({ limits: { repairs: 2, atOnce: 1 } });
    expect(second).toMatchObject({ restarted: { stopped: 1 }, postponed: 0 });
    for (const each of lost) expect((await each.view()).status).toBe('stopped');
  });

  it('a connection that is just being connected is never taken for a terminated one', async () => {
    const done = new AbortController();
    const reconciling = (async () => {
      const reports = [];
      while (!done.signal.aborted) reports.push(await world.reconcile());
      return reports;
    })();
    const connections = await Promise.all([1, 2, 3, 4].map(async () => await world.connect()));
    done.abort();
    for (const report of await reconciling) expect(report.restarted).toEqual({ stopped: 0, disconnecting: 0 });
    for (const lived of connections) {
      expect((await lived.view()).status).toBe('active');
      expect((await lived.stored()).live).toEqual(['about', 'access', 'renewal']);
    }
  });
});
