import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { systemClock, type Clock } from '../../../platform/clock.ts';
import { KeyRing } from '../../../platform/key-ring.ts';
import { runKey } from '../../../scripts/key/commands.ts';
import type { StatusReport } from '../../../scripts/key/report.ts';
import { createSqliteEphemeralStore } from '../../../stores/ephemeral/sqlite.ts';
import { checkKeyRing } from '../../../stores/key-check.ts';
import { createSqliteSecretStore } from '../../../stores/secrets/sqlite.ts';
import { eventually } from '../../support/eventually.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { openWorld, rotatingOf, startRotating, steps, taskQueue } from './world.ts';

const temporal = inject('components').temporal;
const HOUR_MS = 3_600_000;

/** The world with the SQLite stores of `npm start`, and the key commands as an operator runs them. */
async function open() {
  if (!temporal) throw new Error('This suite is skipped without Temporal.');
  const world = await openWorld(temporal.address);
  const folder = temporaryFolder();
  const path = (file: string): string => join(folder, file);
  const stores = (keys: string) => {
    const keyRing = KeyRing.parse(keys);
    return {
      secrets: createSqliteSecretStore({ path: path('secrets.db'), keyRing, clock: systemClock }),
      ephemeral: createSqliteEphemeralStore({ path: path('ephemeral.db'), keyRing, clock: systemClock }),
    };
  };
  return {
    world,
    stores,
    /** What a worker does before it takes work. */
    boot: async (keys: string): Promise<void> => {
      const { secrets, ephemeral } = stores(keys);
      await checkKeyRing({ secrets, keyRing: KeyRing.parse(keys), mayWrite: true, clock: systemClock });
      await secrets.reseal?.();
      await ephemeral.reseal?.();
      await Promise.all([secrets.close(), ephemeral.close()]);
    },
    key: async (keys: string, args: readonly string[], clock: Clock = systemClock) => {
      const lines: string[] = [];
      const write = (line: string): void => void lines.push(line);
      const environment = {
        MOORING_MODE: 'dev',
        MOORING_STATE_DIR: folder,
        MOORING_KEYS: keys,
        TEMPORAL_ADDRESS: world.address,
        TEMPORAL_NAMESPACE: world.namespace,
      };
      const code = await runKey(args, environment, clock, { out: write, err: write });
      return { code, output: lines.join('\n') };
    },
  };
}

type Opened = Awaited<ReturnType<typeof open>>;

async function status({ key }: Opened, keys: string) {
  const { code, output } = await key(keys, ['status', '--json']);
  const report = JSON.parse(output) as StatusReport;
  const sealedBy = (id: string) => report.keys.find((one) => one.id === id)?.sealed;
  return { code, report, sealedBy };
}

/** Temporal's visibility lags behind: waits until it lists the given count. */
async function listed({ world }: Opened, query: string, count: number): Promise<void> {
  await eventually(`${count} of ${query}`, async () => {
    const counted = await world.client(steps.inFront).workflow.count(query);
    return counted.count === count;
  });
}

describe.skipIf(temporal === null)('npm run key', { timeout: 120_000 }, () => {
  test('npm run key status counts sealed values by key in every place, and no key that is in use can be dropped', async () => {
    const opened = await open();
    const { world, stores, boot, key } = opened;
    const before = world.client(steps.before);
    await boot(steps.before);
    const { secrets, ephemeral } = stores(steps.before);
    await ephemeral.put('state', 1, 3600);
    const stop = await world.worker(steps.before);
    const ids = [await startRotating(before), await startRotating(before)];
    for (const id of ids) await rotatingOf(before, id).update('sealed with k1');
    await before.schedule.create({
      scheduleId: 'reconcile',
      spec: { intervals: [{ every: '1 h' }] },
      state: { paused: true },
      action: { type: 'startWorkflow', workflowType: 'scheduled', taskQueue, args: ['with k1'] },
    });
    await listed(opened, `ExecutionStatus = 'Running'`, 2);
    await eventually('the pending activities to have told their facts, and the schedule to be listed', async () => {
      const { sealedBy } = await status(opened, steps.before);
      const all = { memo: 2, input: 2, history: 2, pending: 2, schedules: 1, ended: 0 };
      expect(sealedBy('k1')).toEqual({ ...all, 'secrets.db': 1, 'ephemeral.db': 1 });
      return true;
    });
    expect((await status(opened, steps.before)).code).toBe(0);
    await Promise.all([secrets.close(), ephemeral.close()]);

    // Steps 1 and 2. Temporal still holds values of the old key, so it may not be dropped.
    await boot(steps.behind);
    await boot(steps.inFront);
    await world.worker(steps.inFront);
    await stop();
    const inFront = await status(opened, steps.inFront);
    expect(inFront.code).toBe(1);
    expect(inFront.sealedBy('k1')).toMatchObject({ memo: 2, schedules: 1, 'secrets.db': 0, 'ephemeral.db': 0 });
    expect(inFront.sealedBy('k2')).toMatchObject({ memo: 0, 'secrets.db': 1, 'ephemeral.db': 1 });
    const refused = await key(steps.inFront, ['retire', 'k1']);
    expect(refused).toMatchObject({ code: 1, output: expect.stringMatching(/memo \(2\).*schedules \(1\)/) as string });
    await expect(boot(steps.dropped)).rejects.toThrow(/lacks "k1"/);

    // Each workflow continues as a new run, and an update seals the schedule again.
    const after = world.client(steps.inFront);
    for (const id of ids) await rotatingOf(after, id).turn();
    for (const id of ids)
      await eventually('the next run', async () => (await rotatingOf(after, id).state()).runs === 2);
    await after.schedule.getHandle('reconcile').update((schedule) => schedule);
    await listed(opened, `ExecutionStatus = 'ContinuedAsNew'`, 2);
    const turned = await status(opened, steps.inFront);
    expect(turned.sealedBy('k1')).toMatchObject({ memo: 0, input: 0, history: 0, pending: 0, schedules: 0, ended: 2 });
    expect((await key(steps.inFront, ['drop-check', 'k1'])).output).toContain('ended (2)');
    expect((await key(steps.inFront, ['retire', 'k1'])).code).toBe(1);
    await expect(boot(steps.dropped)).rejects.toThrow(/lacks "k1"/);
  });

  test('npm run key retire drops an unused key a day after another became first, and processes start without it', async () => {
    const opened = await open();
    const { boot, key } = opened;
    for (const keys of [steps.before, steps.behind, steps.inFront]) await boot(keys);
    const early = await key(steps.inFront, ['retire', 'k1']);
    expect(early).toMatchObject({ code: 1, output: expect.stringContaining('"k2" stands first only since') as string });
    const later = { now: () => Date.now() + 25 * HOUR_MS };
    expect(await key(steps.inFront, ['drop-check', 'k1', '--json'], later)).toEqual({
      code: 0,
      output: JSON.stringify({ id: 'k1', droppable: true, reasons: [] }, null, 2),
    });
    await expect(boot(steps.dropped)).rejects.toThrow(/lacks "k1"/);
    const retired = await key(steps.inFront, ['retire', 'k1'], later);
    expect(retired).toMatchObject({ code: 0, output: expect.stringContaining('MOORING_RETIRED_KEYS') as string });

    await boot(steps.dropped);
    const dropped = await status(opened, steps.dropped);
    expect(dropped.code).toBe(0);
    expect(dropped.report.keys).toMatchObject([
      { id: 'k2', stands: 'first', retired: false },
      { id: 'k1', stands: 'absent', retired: true, neededSince: null },
    ]);
  });

  test('npm run key status prints a table, and says that only a sample was read', async () => {
    const opened = await open();
    const { world, boot, key } = opened;
    await boot(steps.before);
    for (let n = 0; n < 3; n++) await startRotating(world.client(steps.before));
    await listed(opened, `ExecutionStatus = 'Running'`, 3);
    const { code, output } = await key(steps.before, ['status', '--sample', '2']);
    expect(code).toBe(0);
    const [head, line] = output.split('\n').map((text) => text.split(/ +/));
    const places = ['MEMO', 'INPUT', 'HISTORY', 'PENDING', 'SCHEDULES', 'ENDED', 'SECRETS.DB', 'EPHEMERAL.DB'];
    expect(head).toEqual(['KEY', 'STANDS', ...places]);
    expect(line).toEqual(['k1', 'first', '3', '2', '0', '0', '0', '0', '1', '0']);
    expect(output).toContain('Running workflows: 3 (2 of them looked into: a sample). Ended runs: 0. Schedules: 0.');
    expect(output).toContain('Nothing is sealed with any key but the first.');
  });

  test('npm run key refuses to drop the sealing key, or a key that other processes may still seal with', async () => {
    const { boot, key } = await open();
    await boot(steps.before);
    expect(await key(steps.before, ['drop-check', 'k1'])).toMatchObject({
      code: 1,
      output: expect.stringContaining('it seals') as string,
    });
    // Only this environment has the new key first; no worker has started with it yet.
    await boot(steps.behind);
    const later = { now: () => Date.now() + 25 * HOUR_MS };
    expect(await key(steps.inFront, ['drop-check', 'k1'], later)).toMatchObject({
      code: 1,
      output: expect.stringContaining('No worker has started with "k2" first') as string,
    });
    // A key that was added and then not needed can be retired.
    expect(await key(steps.behind, ['retire', 'k2'])).toMatchObject({ code: 0 });
  });

  test('npm run key reports what keeps it from running, and exits with code 2', async () => {
    const { boot, key } = await open();
    await boot(steps.before);
    expect(await key(steps.before, ['retire', 'k7'])).toEqual({ code: 2, output: 'No process has had a key "k7".' });
    expect((await key(steps.before, ['retire'])).code).toBe(2);
    expect((await key(steps.before, ['retrie', 'k1'])).output).toMatch(/^Usage:/);
    expect((await key(steps.before, ['status', '--sample', 'all'])).code).toBe(2);
    const lines: string[] = [];
    const err = (line: string): void => void lines.push(line);
    expect(await runKey(['status'], { MOORING_STATE_DIR: temporaryFolder() }, systemClock, { out: err, err })).toBe(2);
    expect(lines.join('\n')).toContain('TEMPORAL_ADDRESS is not set');
  });
});

test('npm run key makes a key with the given id, or with the id k1', async () => {
  const lines: string[] = [];
  const out = (line: string): void => void lines.push(line);
  for (const args of [[], ['k7']]) expect(await runKey(args, {}, systemClock, { out, err: out })).toBe(0);
  expect(lines.map((line) => KeyRing.parse(line).currentKeyId)).toEqual(['k1', 'k7']);
  expect(new Set(lines).size).toBe(2);
});
