import { describe, expect, inject, test } from 'vitest';
import { emptyTally } from '../../../contracts/discovery-tally.ts';
import { taskQueues, workflowTypes } from '../../../contracts/ids.ts';
import { eventually } from '../../support/eventually.ts';
import { resource } from './scripted-lister.ts';
import { useDiscoveryWorld } from './world.ts';

describe.skipIf(inject('components').timeSkipping === null)('the projects of a pass', () => {
  const world = useDiscoveryWorld();
  const rowsOf = async (id: string) => (await world.inventory.page(id, {}, null, 10_000)).rows;
  const passOf = async (id: string) => await world.inventory.pass(id);

  test('a project that one list lacks keeps what it has, is not listed, and goes when the next list lacks it too', async () => {
    const account = await world.account();
    await account.pass();
    world.lister.witness = async () => ({ gone: new Set(), there: new Set(), refused: null });
    world.lister.projects = ['p1'];
    await account.pass();
    expect(await rowsOf(account.ref.id)).toHaveLength(10);
    expect((await passOf(account.ref.id))?.summary).toMatchObject({ lists: 4, complete: 4, failed: 0 });
    await account.pass();
    expect(await rowsOf(account.ref.id)).toHaveLength(4);
    expect((await passOf(account.ref.id))?.summary).toMatchObject({ removed: 6, failed: 0 });
  });

  test('a project that the second witness still finds is listed although the list of projects lacks it', async () => {
    const account = await world.account();
    await account.pass();
    world.lister.witness = async ({ rows }) => ({
      gone: new Set(),
      there: new Set(rows.map(({ key }) => key)),
      refused: null,
    });
    world.lister.projects = ['p1'];
    world.lister.script = async (kind, project) => [
      resource(kind, project, `${kind}-2`),
      resource(kind, project, `${kind}-1`),
    ];
    await account.pass();
    expect((await rowsOf(account.ref.id)).filter(({ project }) => project === 'p3')).toHaveLength(4);
    expect((await passOf(account.ref.id))?.summary).toMatchObject({ partial: 1, removed: 0, added: 7 });
  });

  test(
    'a pass that an older build has planned goes on, in a further run where its history grows long',
    { timeout: 120_000 },
    async () => {
      const { ref, discovery } = await world.account();
      const since = new Date(await world.skipping.environment.currentTimeMs()).toISOString();
      const input = { connection: ref, epoch: 1, trigger: 'scheduled', since, concurrency: 32 } as const;
      const begun = { epoch: 1, trigger: 'scheduled', startedAt: since, finishedAt: null, summary: null } as const;
      await world.inventory.keepPass(ref.id, begun);
      const remaining = Array.from({ length: 1_500 }, (_, n) => `p${n}`);
      await world.skipping.environment.client.workflow.start(workflowTypes.discovery, {
        workflowId: `${ref.id}/discovery`,
        args: [input, { remaining, tally: emptyTally }],
        taskQueue: taskQueues.workflows,
      });
      await eventually('its end', async () => (await passOf(ref.id))?.finishedAt ?? undefined, 100_000);
      expect((await passOf(ref.id))?.summary).toMatchObject({ lists: 3_000, complete: 3_000, resources: 3_000 });
      expect(new Set(world.lister.asked).size).toBe(world.lister.asked.length);
      const history = await discovery.fetchHistory();
      const started = history.events?.[0]?.workflowExecutionStartedEventAttributes;
      expect(started?.continuedExecutionRunId).not.toBe('');
    },
  );
});
