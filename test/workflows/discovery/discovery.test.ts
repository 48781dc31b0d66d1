import type { WorkflowHandle } from '@temporalio/client';
import { describe, expect, inject, test } from 'vitest';
import { ephemeralKeys } from '../../../stores/ephemeral/keys.ts';
import type { ConnectionView } from '../../../contracts/connection.ts';
import { messages } from '../../../contracts/messages.ts';
import { problems } from '../../../contracts/problem.ts';
import { eventually } from '../../support/eventually.ts';
import { refusal, resource } from './scripted-lister.ts';
import { useDiscoveryWorld } from './world.ts';

const isDone = ({ discovery }: ConnectionView): boolean => discovery?.running === null && discovery.last !== null;

describe.skipIf(inject('components').timeSkipping === null)('a discovery', () => {
  const world = useDiscoveryWorld();

  const rowsOf = async (id: string) => (await world.inventory.page(id, {}, null, 10_000)).rows;
  const partitionsOf = async (id: string) =>
    (await world.inventory.partitions(id)).map(({ kind, project }) => `${kind} ${project}`);

  const ended = async (handle: WorkflowHandle) =>
    await eventually('an end', async () => (await handle.describe()).status.name !== 'RUNNING');

  /** Lists wait at this kind until they are released. */
  const hold = (kind: string) => {
    const held = Promise.withResolvers<undefined>();
    const reached = Promise.withResolvers<undefined>();
    world.lister.script = async (each, project) => {
      if (each === kind) {
        reached.resolve(undefined);
        await held.promise;
      }
      return [resource(each, project, `${each}-1`)];
    };
    return { reached: reached.promise, release: () => held.resolve(undefined) };
  };

  test('a discovery begins when the customer has connected, and lists every kind in every project', async () => {
    const connection = await world.connect();
    const { discovery } = await connection.until('a discovery that is done', isDone);
    expect(discovery?.last).toMatchObject({ trigger: 'connected', lists: 8, complete: 8, resources: 10, added: 10 });
    expect(await partitionsOf(connection.id)).toEqual([
      ...['p1', 'p2', 'p3'].map((project) => `instance ${project}`),
      'project null',
      'server null',
      ...['p1', 'p2', 'p3'].map((project) => `volume ${project}`),
    ]);
    const events = await world.ephemeral.readStream(ephemeralKeys.events('acme'), null, 1_000);
    const added = events.filter(({ value }) => (value as { event: string }).event === 'resource_added');
    expect(added).toHaveLength(10);
  });

  test('a discovery runs as many lists at once as its connection allows, and never more', async () => {
    let waiting = 0;
    world.lister.projects = Array.from({ length: 10 }, (_, n) => `p${n}`);
    world.lister.script = async () => {
      waiting++;
      const isLate = () => world.lister.asked.length > 18;
      await eventually('three lists at once', async () => waiting >= 3 || isLate());
      waiting = isLate() ? waiting : 3;
      return [];
    };
    const connection = await world.connect({ concurrency: 3 });
    await connection.until('a discovery that is done', isDone, 25_000);
    expect(world.lister.mostAtOnce).toBe(3);
  });

  test('a discovery goes on without a kind that fails, and reports the problem', async () => {
    world.lister.script = async (kind, project) => {
      if (kind === 'volume') throw refusal('user', 'permission_missing');
      return [resource(kind, project, 'a')];
    };
    const connection = await world.connect();
    const { discovery, status } = await connection.until('a discovery that is done', isDone);
    expect(discovery?.last).toMatchObject({ lists: 8, complete: 5, failed: 3, resources: 7 });
    expect(discovery?.last?.problems.map(({ code }) => code)).toEqual(['permission_missing']);
    expect(status).toBe('active');
    const stale = (await world.inventory.partitions(connection.id)).filter(({ stale: why }) => why !== null);
    expect(stale.map(({ kind }) => kind)).toEqual(['volume', 'volume', 'volume']);
  });

  test('an inventory that could not be read is a warning of its connection, also in lists, until a pass is good', async () => {
    const codes = (view: ConnectionView | undefined) => view?.warnings.map(({ code }) => code);
    world.lister.script = () => Promise.reject(refusal('user', 'list_denied'));
    world.lister.projects = refusal('user', 'list_denied');
    const connection = await world.connect();
    const blind = await connection.until('a discovery that is done', isDone);
    expect([blind.status, codes(blind)]).toEqual(['active', ['inventory_unreadable']]);
    // What lists of connections show.
    const memo = async () => (await connection.handle.describe()).memo?.['view'] as ConnectionView | undefined;
    await eventually('the warning', async () => codes(await memo())?.includes('inventory_unreadable'));
    world.lister.reset();
    await connection.send('discover');
    const good = await connection.until('a good pass', (view) => isDone(view) && view.discovery?.last?.failed === 0);
    expect(codes(good)).toEqual([]);
    await eventually('no warning', async () => codes(await memo())?.length === 0);
  });

  test('a list of an unavailable cloud is retried, and the problem of the last try is reported', async () => {
    let tries = 0;
    world.lister.script = async (kind, project) => {
      if (kind !== 'server') return [resource(kind, project, 'a')];
      tries++;
      throw refusal('transient', 'cloud_unavailable');
    };
    const connection = await world.connect();
    await eventually('the first try', async () => tries > 0);
    await world.skipping.environment.sleep('10 min');
    const { discovery } = await connection.until('a discovery that is done', isDone);
    expect(tries).toBe(5);
    expect(discovery?.last).toMatchObject({ failed: 1, problems: [{ code: 'cloud_unavailable' }] });
  });

  test('a refused token is refreshed once before the next try, and after a second refusal the customer must act', async () => {
    const refused = refusal('revoked', 'credential_rejected');
    world.lister.script = () => Promise.reject(refused);
    const connection = await world.connect();
    const view = await connection.until('an end', ({ status }) => status === 'action_required');
    expect(view.problem?.code).toBe('credential_rejected');
    expect(world.upkeep.refreshes.get(connection.id)).toBe(1);
    expect(world.lister.asked.filter((list) => list === 'project null')).toHaveLength(2);
  });

  test('a refused token that works after a refresh costs one refresh, and the connection stays active', async () => {
    let id = '';
    world.lister.script = async (kind, project) => {
      if (!world.upkeep.refreshes.has(id)) throw refusal('revoked', 'credential_rejected');
      return [resource(kind, project, 'a')];
    };
    const connection = await world.connect();
    id = connection.id;
    const { status, discovery } = await connection.until('a discovery that is done', isDone);
    expect([status, discovery?.last?.trigger, discovery?.last?.complete]).toEqual(['active', 'reauthorised', 8]);
    expect(world.upkeep.refreshes.get(id)).toBe(1);
  });

  test('a refusal of a credential that a newer one has replaced costs no refresh: the resources are listed again', async () => {
    const connection = await world.connect();
    await connection.until('a discovery that is done', isDone);
    const refused = { since: '2000-01-01T00:00:00.000Z', outcome: 'unauthorized', problem: problems.internal };
    await connection.handle.signal(messages.discoveryDone, refused);
    const { status } = await connection.until(
      'another discovery',
      ({ discovery }) => discovery?.last?.trigger === 'reauthorised',
    );
    expect(status).toBe('active');
    expect(world.upkeep.refreshes.has(connection.id)).toBe(false);
  });

  test('a discovery outlives the connection run that started it, and its result arrives in the next run', async () => {
    const held = hold('server');
    const connection = await world.connect();
    await held.reached;
    const first = (await connection.handle.describe()).runId;
    for (let n = 0; n < 80 && (await connection.handle.describe()).runId === first; n++) {
      // Changes nothing here, and makes the history grow.
      await connection.send('revokeInvitation');
    }
    await eventually('a new run', async () => (await connection.handle.describe()).runId !== first);
    expect((await connection.view()).discovery?.running).not.toBeNull();
    held.release();
    const { discovery } = await connection.until('a discovery that is done', isDone);
    expect(discovery?.last).toMatchObject({ lists: 8, complete: 8, resources: 10 });
  });

  test(
    'a discovery with thousands of lists makes them in a few activities, and counts each list once',
    { timeout: 120_000 },
    async () => {
      world.lister.projects = Array.from({ length: 1_500 }, (_, n) => `p${String(n).padStart(4, '0')}`);
      const connection = await world.connect({ concurrency: 32 });
      const { discovery } = await connection.until('a discovery that is done', isDone, 100_000);
      expect(discovery?.last).toMatchObject({ lists: 3_002, complete: 3_002, failed: 0, resources: 4_501 });
      expect(new Set(world.lister.asked).size).toBe(world.lister.asked.length);
      expect(await rowsOf(connection.id)).toHaveLength(4_501);
      const history = await connection.child.fetchHistory();
      // A plan, the end, and an activity for every few hundred lists.
      const activities = history.events?.filter(({ activityTaskScheduledEventAttributes: each }) => each);
      expect(activities?.length).toBeLessThanOrEqual(12);
    },
  );

  test('a discovery writes nothing after its connection is disconnected and its inventory is dropped', async () => {
    const held = hold('instance');
    const connection = await world.connect();
    await held.reached;
    await eventually('a first partition', async () => (await partitionsOf(connection.id)).length > 0);
    await connection.send('disconnect');
    await ended(connection.handle);
    expect(await world.inventory.partitions(connection.id)).toEqual([]);
    // A list learns of a cancellation by its heartbeats; this one ignores it, and answers all the same.
    held.release();
    const late = { connection: connection.id, epoch: 1, kind: 'instance', project: 'p1' };
    expect(await world.inventory.merge(late, [], 'cli', problems.internal)).toBeUndefined();
    expect(await world.inventory.partitions(connection.id)).toEqual([]);
    expect(await rowsOf(connection.id)).toEqual([]);
  });

  test('a discovery drops the resources of a deleted project, but none while the projects cannot be listed', async () => {
    const connection = await world.connect();
    await connection.until('a discovery that is done', isDone);
    world.lister.projects = ['p1'];
    await connection.send('discover');
    const lists = (count: number) => (view: ConnectionView) => isDone(view) && view.discovery?.last?.lists === count;
    const fewer = await connection.until('four lists', lists(4));
    expect(fewer.discovery?.last).toMatchObject({ trigger: 'requested', removed: 6, added: 0, failed: 0 });
    const kept = ['instance p1', 'project null', 'server null', 'volume p1'];
    expect(await partitionsOf(connection.id)).toEqual(kept);

    world.lister.projects = refusal('user', 'permission_missing');
    await connection.send('discover');
    const blind = await connection.until('a failed list', (view) => isDone(view) && view.discovery?.last?.failed === 1);
    expect(blind.discovery?.last).toMatchObject({ lists: 4, complete: 3, removed: 0 });
    expect(await partitionsOf(connection.id)).toEqual(kept);
  });

  test('a discovery costs its connection at most nine events, and none where a scheduled one finds nothing new', async () => {
    const { id, ref, handle, child, until, send } = await world.connect();
    await until('a discovery that is done', isDone);
    await child.result();
    // By the memo: a query may cost the connection a workflow task.
    const memo = async () => (await handle.describe()).memo?.['view'] as ConnectionView | undefined;
    const tells = async (added: number) =>
      await eventually(`${added} added`, async () => (await memo())?.discovery?.last?.added === added);
    await tells(10);
    // This is served after the report of the first discovery, so that nothing is under way any more.
    await send('revokeInvitation');
    const length = async () => (await handle.describe()).historyLength;
    const pass = async () => {
      const since = new Date(await world.skipping.environment.currentTimeMs()).toISOString();
      const input = { connection: ref, epoch: 1, trigger: 'scheduled', since, concurrency: 4 } as const;
      expect(await world.starter.start(input)).toBe('started');
      await child.result();
      expect((await world.inventory.pass(id))?.summary?.startedAt).toBe(since);
    };
    const before = await length();
    await pass();
    expect(await length()).toBe(before);
    world.lister.script = async (kind, project) => [resource(kind, project, 'another')];
    await pass();
    await tells(7);
    expect((await length()) - before).toBeLessThanOrEqual(9);
  });

  test('a discovery leaves counts in the workflow histories, and no resource', async () => {
    world.lister.script = async (kind, project) => [resource(kind, project, 'canary-resource')];
    const connection = await world.connect();
    await connection.until('a discovery that is done', isDone);
    const histories = [await connection.handle.fetchHistory(), await connection.child.fetchHistory()];
    const payloads = JSON.stringify(histories).matchAll(/"data":"([^"]+)"/g);
    const text = [...payloads].map(([, base64]) => Buffer.from(base64 ?? '', 'base64').toString()).join('\n');
    expect(text).toContain('"resources":10');
    expect(text).not.toContain('canary-resource');
    expect(await rowsOf(connection.id)).toHaveLength(10);
  });
});
