import { describe, expect, inject, test } from 'vitest';
import { taskQueues, workflowTypes } from '../../../contracts/ids.ts';
import { eventually } from '../../support/eventually.ts';
import { refusal, resource } from './scripted-lister.ts';
import { useDiscoveryWorld } from './world.ts';

const HOUR_SECONDS = 3_600;
const plan = { epoch: 1, intervalSeconds: HOUR_SECONDS, concurrency: 4 };
const refused = 'SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED';

describe.skipIf(inject('components').timeSkipping === null)('a pass over an account', () => {
  const world = useDiscoveryWorld();
  const rowsOf = async (id: string) => (await world.inventory.page(id, {}, null, 10_000)).rows;
  const passOf = async (id: string) => await world.inventory.pass(id);
  const tells = async (run: () => Promise<unknown>) => {
    const before = world.told.length;
    await run();
    return world.told.length - before;
  };
  const now = async () => await world.skipping.environment.currentTimeMs();
  const ended = async (id: string) =>
    await eventually('its end', async () => (await passOf(id))?.finishedAt ?? undefined);

  test('a pass over many projects is one activity for every few of them, beside its beginning and its end', async () => {
    world.lister.projects = Array.from({ length: 60 }, (_, n) => `p${n}`);
    const account = await world.account();
    const events = await account.pass();
    expect((await passOf(account.ref.id))?.summary).toMatchObject({ lists: 122, complete: 122 });
    // 48 lists in each at four at once: 24 projects with the plan, then 24 and 12.
    expect(events.filter((name) => name === 'ACTIVITY_TASK_SCHEDULED')).toHaveLength(1 + 2 + 1);
  });

  test.each([
    ['no projects', 0],
    ['a few projects', 20],
  ])('a pass over an account with %s is one activity and at most 12 events', async (_what, projects) => {
    world.lister.projects = Array.from({ length: projects }, (_, n) => `p${n}`);
    const account = await world.account();
    expect(await tells(() => account.pass('connected'))).toBe(1);
    const events = await account.events();
    const lists = 2 + 2 * projects;
    expect((await passOf(account.ref.id))?.summary).toMatchObject({
      lists,
      complete: lists,
      resources: 1 + 3 * projects,
    });
    expect(events.filter((name) => name === 'ACTIVITY_TASK_SCHEDULED')).toHaveLength(1);
    expect(events.length).toBeLessThanOrEqual(12);
    expect(await tells(() => account.pass())).toBe(0);
  });

  test('a pass over an account without projects signals its connection when the cloud refuses a list', async () => {
    world.lister.projects = [];
    const account = await world.account();
    world.lister.script = () => Promise.reject(refusal('revoked', 'credential_rejected'));
    expect(await account.pass()).toContain(refused);
    expect(await passOf(account.ref.id)).toMatchObject({ finishedAt: expect.any(String), summary: null });
  });

  test('a pass runs the lists of one project at once, and never more than it may', async () => {
    world.lister.projects = ['p1'];
    let waiting = 0;
    world.lister.script = async (kind) => {
      if (kind === 'server') return [];
      waiting++;
      await eventually('both kinds of the project', () => waiting === 2);
      return [];
    };
    await (await world.account()).pass('scheduled', 5);
    expect(world.lister.mostAtOnce).toBeLessThanOrEqual(5);
  });

  test('a pass that finds nothing new is not reported to the connection, unless it was requested', async () => {
    const account = await world.account();
    expect(await tells(() => account.pass())).toBe(1);
    expect(await tells(() => account.pass())).toBe(0);
    expect(await tells(() => account.pass('requested'))).toBe(1);
    world.lister.script = async (kind, project) => [resource(kind, project, 'another')];
    expect(await tells(() => account.pass())).toBe(1);
    expect(await tells(() => account.pass())).toBe(0);
  });

  test('a pass is reported once when lists fail, and once when they work again', async () => {
    const account = await world.account();
    await account.pass();
    world.lister.script = async (kind, project) => {
      if (kind === 'volume') throw refusal('user', 'permission_missing');
      return [resource(kind, project, `${kind}-1`)];
    };
    expect(await tells(() => account.pass())).toBe(1);
    expect(await tells(() => account.pass())).toBe(0);
    world.lister.reset();
    expect(await tells(() => account.pass())).toBe(1);
  });

  test('a pass is recorded from its beginning to its end, and the last result is shown meanwhile', async () => {
    const account = await world.account();
    await account.pass('connected');
    const held = Promise.withResolvers<undefined>();
    world.lister.script = async () => {
      await held.promise;
      return [];
    };
    const running = account.pass('requested');
    const begun = await eventually('its beginning', async () => {
      const pass = await passOf(account.ref.id);
      return pass?.trigger === 'requested' && pass;
    });
    expect(begun).toMatchObject({ finishedAt: null, summary: { trigger: 'connected', resources: 10 } });
    held.resolve(undefined);
    await running;
    expect(await passOf(account.ref.id)).toMatchObject({
      startedAt: begun.startedAt,
      finishedAt: expect.any(String),
      summary: { trigger: 'requested', removed: 7 },
    });
  });

  test('only one of several starts of a pass succeeds, and the others are answered that it runs', async () => {
    const held = Promise.withResolvers<undefined>();
    world.lister.script = async () => {
      await held.promise;
      return [];
    };
    const { ref, discovery } = await world.account();
    const since = new Date(await now()).toISOString();
    const input = { connection: ref, epoch: 1, trigger: 'requested', since, concurrency: 4 } as const;
    const answers = await Promise.all(Array.from({ length: 5 }, async () => await world.starter.start(input)));
    expect(answers.toSorted()).toEqual(['running', 'running', 'running', 'running', 'started']);
    held.resolve(undefined);
    await discovery.result();
    expect(world.lister.asked.filter((list) => list === 'project null')).toHaveLength(1);
  });

  test('a pass is started where none is recorded or when one is due, and not before', async () => {
    const { ref, discovery } = await world.account();
    const started = Date.parse((await world.startIfDue(ref, plan)).nextAt ?? '');
    await discovery.result();
    const first = await passOf(ref.id);
    expect(first).toMatchObject({ trigger: 'connected', finishedAt: expect.any(String) });
    const dueAfterMs = started - Date.parse(first?.startedAt ?? '');
    expect(dueAfterMs).toBeGreaterThan(HOUR_SECONDS * 900);
    expect(dueAfterMs).toBeLessThanOrEqual(HOUR_SECONDS * 1000);

    expect(await world.startIfDue(ref, plan)).toEqual({ nextAt: new Date(started).toISOString() });
    expect((await passOf(ref.id))?.startedAt).toBe(first?.startedAt);
    await world.skipping.environment.sleep(dueAfterMs);
    await world.skipping.clock.sync();
    await world.startIfDue(ref, plan);
    await discovery.result();
    expect(await passOf(ref.id)).toMatchObject({ trigger: 'scheduled', summary: { added: 0, resources: 10 } });
  });

  test('a pass is started after the store has lost its data, and fills the inventory again', async () => {
    const { ref, discovery, pass } = await world.account();
    await pass();
    await world.lose(ref.id);
    expect(await rowsOf(ref.id)).toEqual([]);
    await world.startIfDue(ref, { ...plan, intervalSeconds: null });
    await discovery.result();
    expect(await rowsOf(ref.id)).toHaveLength(10);
  });

  test('a pass during which the store lost its data is not recorded as complete, and another one follows', async () => {
    const { ref, pass, discovery } = await world.account();
    world.lister.script = async (kind, project) => {
      if (`${kind} ${project}` === 'volume p3') await world.lose(ref.id);
      return [resource(kind, project, 'a')];
    };
    expect(await tells(() => pass('scheduled', 1))).toBe(1);
    expect(await passOf(ref.id)).toBeUndefined();
    world.lister.reset();
    await world.startIfDue(ref, { ...plan, intervalSeconds: null });
    await discovery.result();
    expect(await rowsOf(ref.id)).toHaveLength(10);
  });

  test('a refused pass stops, signals its connection and keeps the last result', async () => {
    const account = await world.account();
    await account.pass();
    world.lister.asked.length = 0;
    world.lister.script = () => Promise.reject(refusal('revoked', 'credential_rejected'));
    expect(await account.pass('scheduled', 1)).toContain(refused);
    expect(world.lister.asked).toHaveLength(2);
    expect(await passOf(account.ref.id)).toMatchObject({ finishedAt: expect.any(String), summary: { resources: 10 } });
  });

  test('a cancelled pass ends with no list under way, and is not shown as running', async () => {
    const reached = Promise.withResolvers<undefined>();
    const held = Promise.withResolvers<undefined>();
    world.lister.script = async (kind, project) => {
      if (kind === 'server') reached.resolve(undefined);
      await held.promise;
      return [resource(kind, project, 'late')];
    };
    const { ref, discovery } = await world.account();
    await world.startIfDue(ref, plan);
    await reached.promise;
    await discovery.cancel();
    await ended(ref.id);
    await eventually('its end', async () => (await discovery.describe()).status.name === 'CANCELLED');
    held.resolve(undefined);
    expect((await rowsOf(ref.id)).map(({ kind }) => kind)).toEqual(['project', 'project', 'project']);
  });

  test('a pass for a connection that has ended ends at once and writes nothing', async () => {
    const { ref, pass } = await world.account();
    await world.inventory.drop(ref.id, 1);
    expect(await tells(() => pass())).toBe(0);
    expect(world.lister.asked).toEqual([]);
    expect(await passOf(ref.id)).toBeUndefined();
    expect(await world.inventory.partitions(ref.id)).toEqual([]);
  });

  test.each([
    ['nothing', []],
    ['a text', ['garbage']],
    ['another shape', [{ connection: { id: 'con_x' }, epoch: 'one' }]],
  ])('a pass that is started with %s fails with a clear message and is not retried', async (_what, args) => {
    const { ref, discovery, events } = await world.account();
    const workflowId = `${ref.id}/discovery`;
    await world.skipping.environment.client.workflow.start(workflowTypes.discovery, {
      workflowId,
      args,
      taskQueue: taskQueues.workflows,
    });
    await expect(discovery.result()).rejects.toMatchObject({
      cause: {
        type: 'invalid_input',
        nonRetryable: true,
        message: expect.stringMatching(/^This is no input of a disc/),
      },
    });
    expect((await events()).at(-1)).toBe('WORKFLOW_EXECUTION_FAILED');
    expect(await events()).not.toContain('ACTIVITY_TASK_SCHEDULED');
  });
});

describe.skipIf(inject('components').timeSkipping === null)('a pass whose worker stands still', () => {
  const world = useDiscoveryWorld({ beats: false });

  test('a pass whose worker hangs goes on after the finished lists, and counts each list once', async () => {
    const held = Promise.withResolvers<undefined>();
    let isHeld = true;
    world.lister.projects = ['p1'];
    world.lister.script = async (kind, project) => {
      if (kind === 'volume' && isHeld) {
        isHeld = false;
        await held.promise;
      }
      return [resource(kind, project, `${kind}-1`)];
    };
    const { ref, discovery } = await world.account();
    await world.startIfDue(ref, { epoch: 1, intervalSeconds: null, concurrency: 2 });
    await eventually('the list that stands still', () => !isHeld);
    await world.skipping.environment.sleep('30 s');
    await discovery.result();
    expect(world.lister.asked.filter((list) => list === 'instance p1')).toHaveLength(1);
    expect(world.lister.asked.filter((list) => list === 'volume p1')).toHaveLength(2);
    const { summary } = (await world.inventory.pass(ref.id)) ?? {};
    expect(summary).toMatchObject({ lists: 4, complete: 4, failed: 0, resources: 4, added: 4 });
    held.resolve(undefined);
  });
});
