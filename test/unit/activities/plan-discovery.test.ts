import { CancelledFailure } from '@temporalio/common';
import { beforeEach, describe, expect, test, vi } from 'vitest';

import { refusal, resource } from '../../workflows/discovery/scripted-lister.ts';
import { createPlanWorld, idle, type PlanWorld } from './plan-world.ts';

const projectLists = ['p1', 'p2', 'p3'].flatMap((project) => [`instance ${project}`, `volume ${project}`]);
const all = ['project null', 'server null', ...projectLists];
const ended = { outcome: 'ended' };

let world: PlanWorld;
let lister: PlanWorld['lister'];

beforeEach(async () => {
  world = await createPlanWorld();
  ({ lister } = world);
});

const firstPass = async () => expect(await world.begin().outcome).toEqual(ended);
const until = async (check: () => unknown) => await vi.waitFor(check, { timeout: 20_000 });
const asked = async (...names: readonly string[]) =>
  await until(() => expect(lister.asked.toSorted()).toEqual(names.toSorted()));
/** What each list finds from now on. */
const find = (id: string) => {
  lister.script = async (kind, project) => [resource(kind, project, `${kind}-${id}`)];
};

describe('the lists of projects that are known from the pass before', () => {
  test('begin beside the list of projects, and are written when it has answered', async () => {
    await firstPass();
    const before = await world.rows();
    const release = world.holdProjects();
    find('2');
    const { outcome } = world.begin();
    await asked(...all);
    await until(async () => expect(await world.rows()).toContain('server-2 null'));
    await idle();
    expect((await world.rows()).filter((row) => !row.startsWith('server'))).toEqual(
      before.filter((row) => !row.startsWith('server')),
    );
    release();
    expect(await outcome).toEqual(ended);
    expect(await world.summary()).toMatchObject({ lists: 8, complete: 8, failed: 0, resources: 10, added: 7 });
    expect(lister.asked).toHaveLength(all.length);
    expect(await world.rows()).toContain('volume-2 p3');
  });

  test('are asked for after the list of projects, with which a lister begins a pass', async () => {
    await firstPass();
    const read = world.secrets.read.bind(world.secrets);
    const held = Promise.withResolvers<undefined>();
    const reading = vi.spyOn(world.secrets, 'read').mockImplementationOnce(async (...args) => {
      await held.promise;
      return await read(...args);
    });
    const { outcome } = world.begin();
    await until(() => expect(reading.mock.calls.length).toBeGreaterThan(1));
    await asked('server null');
    await idle();
    expect(lister.asked).toEqual(['server null']);
    held.resolve(undefined);
    expect(await outcome).toEqual(ended);
    expect(lister.asked.slice(0, 2)).toEqual(['server null', 'project null']);
    expect(lister.asked).toHaveLength(all.length);
  });

  test('are made once each beside those of a new project, which begin when it is known', async () => {
    await firstPass();
    lister.projects = ['p0', 'p1', 'p2', 'p3'];
    const release = world.holdProjects();
    const { outcome } = world.begin();
    await asked(...all);
    release();
    expect(await outcome).toEqual(ended);
    await asked(...all, 'instance p0', 'volume p0');
    expect(await world.summary()).toMatchObject({ lists: 10, complete: 10, added: 3 });
  });

  test('are written where the projects cannot be listed', async () => {
    await firstPass();
    lister.projects = refusal('user', 'permission_missing');
    find('2');
    expect(await world.begin().outcome).toEqual(ended);
    expect(await world.summary()).toMatchObject({ lists: 8, complete: 7, failed: 1, added: 7, removed: 7 });
    expect(lister.asked).toHaveLength(all.length);
  });

  test('fail like all others where there is no credential to list the projects with', async () => {
    await firstPass();
    vi.spyOn(world.secrets, 'read').mockResolvedValue(undefined);
    expect(await world.begin().outcome).toEqual(ended);
    expect(await world.summary()).toMatchObject({ lists: 8, failed: 8, problems: [{ code: 'credential_missing' }] });
    expect(lister.asked).toEqual([]);
  });

  test('that belong to a further activity are left to it', async () => {
    const names = Array.from({ length: 12 }, (_, n) => `p${String(n + 1).padStart(2, '0')}`);
    lister.projects = names;
    await world.begin({ concurrency: 2 }).outcome;
    // It comes first in the order of projects, so that the last one no longer fits.
    lister.projects = ['p00', ...names];
    const aborted = world.hang('instance p12');
    const outcome = await world.begin({ concurrency: 2 }).outcome;
    expect(outcome).toMatchObject({ outcome: 'planned', places: ['p12'], tally: { lists: 26, complete: 26 } });
    expect(aborted).toEqual([]);
    expect(new Set(lister.asked).size).toBe(lister.asked.length);
  });

  test('write nothing where the pass is cancelled before the list of projects has answered', async () => {
    await firstPass();
    const before = await world.rows();
    const release = world.holdProjects();
    lister.script = async (kind, project) => [resource(kind, project, project === null ? `${kind}-1` : 'late')];
    const { outcome, cancel } = world.begin();
    await asked(...all);
    cancel();
    release();
    await expect(outcome).rejects.toThrow(CancelledFailure);
    expect(await world.rows()).toEqual(before);
  });
});

describe('the lists of a known project that the list of projects no longer has', () => {
  /** Lists of lost projects that fail, find other rows, or do not answer, and those that have not begun. */
  const loseProjects = async () => {
    await firstPass();
    lister.projects = ['p1'];
    const told = (await world.events()).length;
    const aborted = world.hang('volume p2');
    lister.script = async (kind, project) => {
      if (`${kind} ${project}` === 'instance p2') throw refusal('user', 'project_gone');
      if (`${kind} ${project}` === 'instance p3') throw refusal('transient', 'cloud_unavailable');
      return [resource(kind, project, project === null || project === 'p1' ? `${kind}-1` : `${kind}-late`)];
    };
    const release = world.holdProjects();
    // One slot too few: the last list has not begun.
    const { outcome } = world.begin({ concurrency: 6 });
    const begun = all.filter((name) => name !== 'volume p3');
    await asked(...begun);
    await idle();
    release();
    expect(await outcome).toEqual(ended);
    await asked(...begun);
    expect(aborted).toEqual(['volume p2']);
    return (await world.events()).slice(told);
  };

  test('end early: of a project that is gone nothing is written, and nothing is told but that it is gone', async () => {
    const events = await loseProjects();
    expect(await world.summary()).toMatchObject({ lists: 4, complete: 4, failed: 0, problems: [], removed: 6 });
    expect((await world.partitions()).filter(({ project }) => project !== null && project !== 'p1')).toEqual([]);
    expect(await world.rows()).toHaveLength(4);
    const single = events.filter(({ event }) => !['resources_changed', 'discovered'].includes(event));
    expect(single).toHaveLength(6);
    for (const { event, text } of single) {
      expect([event, text]).toEqual(['resource_removed', expect.stringContaining('is gone')]);
    }
  });

  test('end early: of a project that may be gone the last good rows stay, and nothing is told', async () => {
    lister.witness = async () => ({ gone: new Set(), there: new Set(), refused: null });
    const events = await loseProjects();
    expect(events).toEqual([]);
    expect(await world.summary()).toMatchObject({ lists: 4, complete: 4, failed: 0, problems: [], removed: 0 });
    expect(await world.rows()).toHaveLength(10);
    const lost = (await world.partitions()).filter(({ project }) => project === 'p2' || project === 'p3');
    expect(lost.map(({ stale }) => stale)).toEqual([null, null, null, null]);
  });

  test('are not asked for while it may be gone, and again when it is back', async () => {
    lister.witness = async () => ({ gone: new Set(), there: new Set(), refused: null });
    await firstPass();
    lister.projects = ['p1', 'p2'];
    await world.begin().outcome;
    lister.projects = ['p1', 'p2', 'p3'];
    const release = world.holdProjects();
    const { outcome } = world.begin();
    await asked(...all.filter((name) => !name.endsWith('p3')));
    release();
    expect(await outcome).toEqual(ended);
    await asked(...all);
    expect(await world.summary()).toMatchObject({ lists: 8, complete: 8 });
  });
});

describe('a credential that a known project refuses', () => {
  const refuse = (project: string) => {
    lister.script = async (kind, of) => {
      if (of === project) throw refusal('revoked', 'credential_rejected');
      return [resource(kind, of, `${kind}-1`)];
    };
  };

  test('ends the pass once the list of projects has answered, as it does in a project that is just known', async () => {
    await firstPass();
    const release = world.holdProjects();
    refuse('p2');
    const { outcome } = world.begin();
    await asked(...all);
    await idle();
    release();
    expect(await outcome).toMatchObject({ outcome: 'unauthorized', problem: { code: 'credential_rejected' } });
  });

  test('is no refusal where the project is gone', async () => {
    await firstPass();
    lister.projects = ['p1', 'p2'];
    const release = world.holdProjects();
    refuse('p3');
    const { outcome } = world.begin();
    await asked(...all);
    await idle();
    release();
    expect(await outcome).toEqual(ended);
    expect(await world.summary()).toMatchObject({ failed: 0, problems: [] });
  });

  test('writes nothing of the projects where the list of projects is refused too', async () => {
    await firstPass();
    const before = await world.rows();
    lister.projects = refusal('revoked', 'credential_rejected');
    const release = world.holdProjects();
    lister.script = async (kind, project) => [resource(kind, project, project === null ? `${kind}-1` : 'late')];
    const { outcome } = world.begin();
    await asked(...all);
    release();
    expect(await outcome).toMatchObject({ outcome: 'unauthorized' });
    expect(await world.rows()).toEqual(before);
  });
});

describe('another attempt', () => {
  test('after the list of projects has failed waits for it, and counts each list once', async () => {
    await firstPass();
    lister.projects = refusal('transient', 'cloud_unavailable');
    const aborted = world.hang('volume p1');
    find('2');
    const first = world.begin();
    await expect(first.outcome).rejects.toMatchObject({ details: [{ problem: { code: 'cloud_unavailable' } }] });
    expect(aborted).toEqual(['volume p1']);
    expect((await world.rows()).filter((row) => row.includes('-2'))).toEqual(['server-2 null']);

    lister.projects = ['p1', 'p2', 'p3'];
    world.hang();
    lister.asked.length = 0;
    const release = world.holdProjects();
    const second = world.attempt({ details: first.left() });
    await asked('project null');
    await idle();
    expect(lister.asked).toEqual(['project null']);
    release();
    expect(await second.outcome).toEqual(ended);
    await asked('project null', ...projectLists);
    expect(await world.summary()).toMatchObject({ lists: 8, complete: 8, failed: 0, added: 7 });
  });

  test('after the list of projects was made goes on with the lists that are left', async () => {
    await firstPass();
    lister.script = async (kind, project) => {
      if (`${kind} ${project}` === 'volume p3') throw refusal('transient', 'cloud_unavailable');
      return [resource(kind, project, `${kind}-2`)];
    };
    const first = world.begin();
    await expect(first.outcome).rejects.toMatchObject({ details: [{ problem: { code: 'cloud_unavailable' } }] });
    await asked(...all);
    find('2');
    lister.asked.length = 0;
    expect(await world.attempt({ details: first.left() }).outcome).toEqual(ended);
    expect(lister.asked).toEqual(['volume p3']);
    expect(await world.summary()).toMatchObject({ lists: 8, complete: 8, failed: 0, added: 7 });
  });

  test('of a worker that was killed before the list of projects had answered makes all lists again', async () => {
    await firstPass();
    world.holdProjects();
    find('2');
    const first = world.begin();
    await asked(...all);
    await until(() => expect(JSON.stringify(first.left())).toContain('server'));
    const details = first.left();
    first.cancel();
    await expect(first.outcome).rejects.toThrow(CancelledFailure);

    lister.asked.length = 0;
    world.holdProjects()();
    expect(await world.attempt({ details }).outcome).toEqual(ended);
    await asked('project null', ...projectLists);
    expect(await world.summary()).toMatchObject({ lists: 8, complete: 8, failed: 0, added: 7 });
  });
});
