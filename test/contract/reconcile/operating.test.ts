import { randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { systemClock } from '../../../platform/clock.ts';
import { ephemeralKeys } from '../../../stores/ephemeral/keys.ts';
import { isCredentialRecord, liveKeys } from '../../../stores/secrets/credential-record.ts';
import { createConnectionDirectory } from '../../../worker/connection-directory.ts';
import { scheduleIds, taskQueues, workflowTypes } from '../../../contracts/ids.ts';
import type { ReconcileReport } from '../../../contracts/reconcile.ts';
import { eventually } from '../../support/eventually.ts';
import { makeNamespace } from '../../support/namespace.ts';
import { startWorld, type World } from './world.ts';

const { temporal } = inject('components');
const HOUR_MS = 3_600_000;

describe.skipIf(temporal === null)('a reconciliation', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld(temporal!.address);
  });

  it('a reconciliation is started by a schedule, which stays paused where an operator paused it', async () => {
    await Promise.all([world.putSchedules(), world.putSchedules()]);
    const handle = world.client.schedule.getHandle(scheduleIds.reconcile);
    await handle.pause('An operator looks into it.');
    // Temporal responds before the schedule is changed.
    await eventually('the schedule to be paused', async () => (await handle.describe()).state.paused);
    await world.putSchedules();
    expect((await handle.describe()).state).toMatchObject({ paused: true, note: 'An operator looks into it.' });
    await handle.unpause();
    await eventually('the schedule to go on', async () => !(await handle.describe()).state.paused);
    await world.putSchedules();
    const { state, spec, policies, action } = await handle.describe();
    expect(state.paused).toBe(false);
    expect(spec).toMatchObject({ intervals: [{ every: 300_000 }], jitter: 30_000 });
    expect(policies.overlap).toBe('SKIP');
    expect(action).toMatchObject({ workflowType: 'reconcile', taskQueue: 'mooring', args: [] });
  });

  it('the schedule is written only where it is another build’s, and the pause of an operator is kept', async () => {
    const handle = world.client.schedule.getHandle(scheduleIds.reconcile);
    const version = async () => (await handle.describe()).raw.conflictToken;
    const asWritten = await version();
    await world.putSchedules();
    expect(await version()).toEqual(asWritten);

    await handle.update(({ action, policies }) => ({
      spec: { intervals: [{ every: '1 h' }] },
      action,
      policies,
      state: { paused: true, note: 'An operator looks into it.' },
    }));
    const every = async () => (await handle.describe()).spec.intervals?.[0]?.every;
    await eventually('another build’s schedule', async () => (await every()) === HOUR_MS);
    await world.putSchedules();
    await eventually('this build’s schedule', async () => (await every()) === 300_000);
    expect((await handle.describe()).state).toMatchObject({ paused: true, note: 'An operator looks into it.' });
    await handle.unpause();
  });

  it('a reconciliation reports only counts, and no id of a connection', async () => {
    const lost = await world.connect();
    await lost.handle.terminate();
    const handle = world.client.schedule.getHandle(scheduleIds.reconcile);
    await handle.trigger();
    const workflowId = await eventually('the schedule to start it', async () => {
      const { recentActions } = (await handle.describe()).info;
      return recentActions.at(-1)?.action.workflow.workflowId;
    });
    const run = world.client.workflow.getHandle(workflowId);
    const report = (await run.result()) as ReconcileReport;
    expect(report).toMatchObject({ v: 1, running: 1, stopped: 1, restarted: { stopped: 1, disconnecting: 0 } });
    const { memo } = await run.describe();
    expect(memo?.['report']).toMatch(/^1 connections run: 0 late, 0 paused by an operator, 0 stuck, 1 stopped\./);
    expect(JSON.stringify([report, memo])).not.toContain(lost.id);
    expect((await run.fetchHistory()).events?.length).toBeLessThan(15);
    expect(await world.ephemeral.get(ephemeralKeys.reconcile)).toMatchObject({ running: 1, stopped: 1, at: report.at });
    // From here on, each test reconciles by itself.
    await handle.delete();
  });

  it('a reconciliation refuses any input', async () => {
    const run = world.client.workflow.execute(workflowTypes.reconcile, {
      workflowId: randomUUID(),
      taskQueue: taskQueues.workflows,
      args: [{ v: 1 }],
    });
    await expect(run).rejects.toMatchObject({ cause: { type: 'invalid_input' } });
  });

  it('a reconciliation in another namespace than that of the connections fails and changes nothing', async () => {
    const lived = await world.connect();
    await world.reconcile();
    const namespace = await makeNamespace(temporal!.address);
    const { connection, options } = world.client;
    const mistaken = new Client({ connection, namespace, dataConverter: options.loadedDataConverter });
    const directory = createConnectionDirectory(mistaken, systemClock, world.searchDigests);
    await expect(world.reconcile({ directory })).rejects.toMatchObject({
      type: 'foreign_namespace',
      nonRetryable: true,
    });
    expect((await lived.stored()).live).toEqual(['about', 'access', 'renewal']);
    expect((await lived.view()).status).toBe('active');
  });

  it('a reconciliation keeps the response to a refresh that was in flight when its workflow was terminated', async () => {
    const lived = await world.connect();
    await world.cloud.fault({ endpoint: 'token.*' }, { kind: 'hold_after' });
    const refresh = lived.send('refresh', { minTtlSeconds: null }).catch(() => 'lost');
    const hold = await world.cloud.waitForHold('token.refresh');
    await lived.handle.terminate();
    expect(await refresh).toBe('lost');
    await world.reconcile();
    expect((await lived.view()).status).toBe('stopped');

    await world.cloud.release(hold);
    await eventually('the reply to be stored', async () => {
      const record = (await world.secrets.read('live', liveKeys.renewal(lived.id)))?.data.reveal();
      return isCredentialRecord(record) && record.mooring.generation === 2;
    });
    expect((await lived.stored()).live).toEqual(['about', 'renewal']);
    expect(await lived.send('recover')).toMatchObject({ status: 'active', credential: { generation: 2 } });
    expect((await world.cloud.counters()).refreshTokensSpentTwice).toBe(0);
  });

  it('where one turn is a part of the connections, Temporal lists and counts them, and none is lost', async () => {
    const lived = await Promise.all([world.connect(), world.connect(), world.connect()]);
    const directory = createConnectionDirectory(world.client, systemClock, world.searchDigests);
    const idsOf = async (beginnings: readonly string[] | null) => {
      const found: string[] = [];
      for await (const page of directory.running(beginnings)) found.push(...page.map(({ id }) => id));
      return found;
    };
    const listed = async () => (await idsOf(null)).length >= lived.length && (await directory.count()) >= lived.length;
    await eventually('visibility to list them', listed);
    const beginnings = [...new Set(lived.map(({ id }) => id.slice(0, 5)))];
    expect(await idsOf(beginnings)).toEqual(expect.arrayContaining(lived.map(({ id }) => id)));
    expect(await idsOf(['con_nothing-begins-so'])).toEqual([]);
    expect(await directory.count('stopped')).toBeLessThan(await directory.count());

    const { terminated, running } = { terminated: lived[0], running: await directory.count() };
    await terminated?.handle.terminate();
    const report = await world.reconcile({ limits: { inTurn: 1, pauseMs: 0 } });
    expect(report).toMatchObject({ restarted: { stopped: 1 }, failed: 0 });
    expect(report.running).toBeGreaterThanOrEqual(running - 1);
    expect((await terminated?.view())?.status).toBe('stopped');
  });

  it('a reconciliation counts the connections that are late, paused by an operator, or stuck', async () => {
    const { namespace } = world.client.options;
    const lived = await world.connect();
    const before = await world.reconcile();
    expect(before).toMatchObject({ late: 0, paused: 0, stuck: 0 });
    // Seen from two hours ahead, what is due within the hour has not been done.
    const later = { now: () => systemClock.now() + 2 * HOUR_MS };
    const overdue = await world.reconcile({
      directory: createConnectionDirectory(world.client, later, world.searchDigests),
    });
    expect(overdue.late).toBeGreaterThanOrEqual(1);

    const execution = { workflowId: lived.id };
    await eventually('keepFresh to be between two attempts', async () => {
      const [pending] = (await lived.handle.describe()).raw.pendingActivities ?? [];
      return pending?.attempt === 2;
    });
    await world.client.workflowService.pauseActivity({ namespace, execution, type: 'keepFresh', identity: 'operator' });
    expect(await world.reconcile()).toMatchObject({ late: 0, paused: 1, running: before.running });

    const wedged = `con_${randomUUID()}`;
    await world.client.workflow.start(workflowTypes.connection, {
      workflowId: wedged,
      taskQueue: taskQueues.workflows,
      args: [inputOf(wedged), { v: 99 }],
    });
    await eventually('its task to have failed again and again', async () => {
      const { pendingWorkflowTask } = (await world.client.workflow.getHandle(wedged).describe()).raw;
      return (pendingWorkflowTask?.attempt ?? 0) >= 3;
    });
    expect(await world.reconcile()).toMatchObject({ stuck: 1, running: before.running + 1 });
  });
});

const inputOf = (id: string) => ({
  id,
  tenant: 'acme',
  provider: 'ovh',
  region: 'ovh-eu',
  method: 'authorization_code',
  name: null,
  tags: [],
  setup: {},
  discovery: null,
  invitation: { lifetimeSeconds: 60, passcodeRequired: false, confirm: false },
});
