import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import type { InventoryReply, Resource } from '../../api/resources/schema.ts';
import { ovhFailures } from '../../sandbox/client.ts';
import { eventually } from '../support/eventually.ts';
import { isDiscovered, programRuns, startDiscoveryStack, type DiscoveryStack } from './support/discovery-stack.ts';

interface Page {
  readonly items: readonly Resource[];
  readonly nextCursor: string | null;
}

describe.skipIf(inject('components').temporal === null)('discovery by the program', { timeout: 180_000 }, () => {
  let world: DiscoveryStack;
  beforeAll(async () => {
    world = await startDiscoveryStack();
  }, 120_000);
  afterEach(async () => await world.cloud.clearFaults());
  afterAll(async () => await world.close(), 60_000);

  const resourcesOf = async (id: string): Promise<Resource[]> => {
    const items: Resource[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page: Page = await world.platform.call('GET', `/v1/connections/${id}/resources?limit=200${query}`);
      items.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== null);
    return items;
  };

  const partitionOf = async (id: string, kind: string, project: string) => {
    const { kinds } = await world.platform.call<InventoryReply>('GET', `/v1/connections/${id}/inventory`);
    const partitions = kinds.find((each) => each.kind === kind)?.partitions ?? [];
    return partitions.find((each) => each.project === project) ?? expect.fail(`no ${kind} of ${project}`);
  };

  test('discovery lists every kind of all three projects by the program, and stores no secret of a row', async () => {
    const { id, discovery } = await world.discovered();
    expect(discovery?.last).toMatchObject({ lists: 29, complete: 29, failed: 0, partial: 0, notice: null });
    const resources = await resourcesOf(id);
    expect(resources).toHaveLength(discovery?.last?.resources ?? -1);
    expect(new Set(resources.map(({ kind }) => kind)).size).toBe(11);
    expect(new Set(resources.map(({ source }) => source))).toEqual(new Set(['cli']));
    const { rescuePassword = [] } = await world.cloud.issued();
    expect(rescuePassword).not.toEqual([]);
    const text = JSON.stringify(resources);
    expect(rescuePassword.filter((secret) => text.includes(secret))).toEqual([]);
  });

  test('a killed worker leaves no process of the program, and its lists are repeated without duplicate rows', async () => {
    const expected = (await world.discovered()).discovery?.last?.resources;
    const endpoint = world.stack.info().sandbox ?? '';
    await world.cloud.fault({ endpoint: 'cloud.instance.list' }, { kind: 'hold_before' }, 1);
    const { connection } = await world.onboard();
    const hold = await world.cloud.waitForHold('cloud.instance.list', 30_000);
    const before = await programRuns(endpoint);
    expect(before.length).toBeGreaterThan(0);
    world.stack.kill('worker');
    await eventually('the end of the programs', async () => {
      const left = await programRuns(endpoint);
      return before.every((pid) => !left.includes(pid));
    });
    await world.cloud.release(hold);
    const { discovery } = await world.platform.until(connection.id, isDiscovered, 90_000);
    expect(discovery?.last).toMatchObject({ lists: 29, complete: 29, failed: 0, resources: expected });
    const resources = await resourcesOf(connection.id);
    expect(resources).toHaveLength(expected ?? -1);
  });

  test('a region that refuses makes the list partial: its known rows stay, and new rows elsewhere are added', async () => {
    const [project] = await world.cloud.ovh.projects();
    const owner = project!.id;
    await world.cloud.ovh.resize(owner, { s3: 8 });
    const { id } = await world.discovered();
    const buckets = async () =>
      (await resourcesOf(id)).filter(({ kind, project: of }) => kind === 'object_storage_s3' && of === owner);
    const known = await buckets();
    const refusing = known[0]?.region ?? '';
    const other = known.find(({ region }) => region !== refusing)?.region;
    expect(other).toEqual(expect.any(String));

    await world.cloud.ovh.put(owner, 's3', 'mooring-new', { region: other ?? '' });
    await world.cloud.ovh.remove(owner, 's3', known[0]?.id ?? '');
    const action = 'publicCloudProject:apiovh:region/storage/get';
    const match = { endpoint: 'cloud.s3.list', path: `${owner}/region/${refusing}/` };
    await world.cloud.fault(match, ovhFailures.notGranted(action), null);
    const { discovery } = await world.discoverAgain(id);
    expect(discovery?.last).toMatchObject({ partial: 1, failed: 0, added: 1, removed: 0 });
    const ids = (await buckets()).map((bucket) => bucket.id);
    expect(ids.toSorted()).toEqual([...known.map((bucket) => bucket.id), 'mooring-new'].toSorted());
    const { stale } = await partitionOf(id, 'object_storage_s3', owner);
    expect(stale?.problem.message).toContain(action);

    await world.cloud.clearFaults();
    await world.discoverAgain(id);
    expect((await partitionOf(id, 'object_storage_s3', owner)).stale).toBeNull();
    expect((await buckets()).map((bucket) => bucket.id)).not.toContain(known[0]?.id);
  });

  test('API keys with narrow rights list what they may; the connection stays active, and names the rule that is missing', async () => {
    const rules = ['/me', '/cloud/project', '/cloud/project/*'].map((path) => ({ method: 'GET', path }));
    const { applicationKey, applicationSecret, consumerKey } = await world.cloud.ovh.createKeys({ rules });
    const { connection } = await world.platform.invite({ method: 'api_credentials' });
    await world.platform.call('POST', `/v1/connections/${connection.id}/submission`, {
      fields: { application_key: applicationKey, application_secret: applicationSecret, consumer_key: consumerKey },
    });
    const { discovery, status } = await world.platform.until(connection.id, isDiscovered, 60_000);
    expect(status).toBe('active');
    expect(discovery?.last).toMatchObject({ lists: 29, complete: 28, failed: 1, partial: 0 });
    const kinds = new Set((await resourcesOf(connection.id)).map(({ kind }) => kind));
    expect([kinds.size, kinds.has('dedicated_server')]).toEqual([10, false]);
    expect(JSON.stringify(discovery?.last?.problems)).toContain('GET /dedicated/server*');
  });

  test('a disconnect during a discovery ends the discovery and its programs, and no row is kept', async () => {
    const endpoint = world.stack.info().sandbox ?? '';
    await world.cloud.fault({ endpoint: 'cloud.instance.list' }, { kind: 'hold_before' }, 1);
    const { connection } = await world.onboard();
    const hold = await world.cloud.waitForHold('cloud.instance.list', 30_000);
    const running = await programRuns(endpoint);
    expect(running.length).toBeGreaterThan(0);
    await world.platform.call('DELETE', `/v1/connections/${connection.id}`);
    await world.platform.until(connection.id, 'disconnected', 30_000);
    // Cancelled or completed: the inventory refuses a list that was made in the meantime.
    const isOver = async () => ['CANCELLED', 'COMPLETED'].includes(await world.discoveryOf(connection.id));
    await eventually('the end of the discovery', isOver, 60_000);
    const left = await programRuns(endpoint);
    expect(running.filter((pid) => left.includes(pid))).toEqual([]);
    await world.cloud.release(hold);
    expect(await resourcesOf(connection.id)).toEqual([]);
  });

  test('a refresh that is due during a discovery of 5,000 instances is not late', async () => {
    const [project] = await world.cloud.ovh.projects();
    await world.cloud.ovh.resize(project!.id, { instance: 5_000 });
    await world.cloud.change({ ovh: { accessTokenLifetimeSeconds: 30 } });
    // One list is held, so that the discovery is still running when the refresh is due, however quick the rest is.
    await world.cloud.fault({ endpoint: 'cloud.volume.list' }, { kind: 'hold_before' }, 1);
    const { connection } = await world.onboard();
    const listing = await world.platform.until(connection.id, ({ discovery }) => discovery?.running != null, 30_000);
    const due = Date.parse(listing.credential?.nextRefreshAt ?? '');
    const refreshed = await world.platform.until(
      connection.id,
      ({ credential }) => (credential?.generation ?? 0) >= 2,
      60_000,
    );
    expect(refreshed.discovery?.running).not.toBeNull();
    expect(Date.parse(refreshed.credential?.issuedAt ?? '') - due).toBeLessThan(5_000);
    await world.cloud.release(await world.cloud.waitForHold('cloud.volume.list'));
    const { discovery } = await world.platform.until(connection.id, isDiscovered, 120_000);
    expect(discovery?.last?.resources).toBeGreaterThan(5_000);
  });
});
