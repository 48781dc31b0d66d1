import { Client, type WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { liveKeys } from '../../stores/secrets/credential-record.ts';
import type { ConnectionStatus, ConnectionView, TimelineEntry } from '../../contracts/connection.ts';
import { taskQueues, workflowTypes } from '../../contracts/ids.ts';
import { messages } from '../../contracts/messages.ts';
import { eventually } from '../support/eventually.ts';
import { comeToRest } from '../workflows/support/connection.ts';
import { eventNames } from '../workflows/support/history.ts';
import { createWorld, type World } from '../workflows/support/world.ts';
import { recordingKeyRing } from './recording-keys.ts';
import { carriedStates, type CarriedState, type History } from './recordings.ts';

/** The status a day later, where no request arrives. A state that is not named here may have any status. */
const expected: Readonly<Record<string, readonly ConnectionStatus[]>> = {
  active: ['active'],
  degraded: ['active'],
  paused: ['paused'],
  stopped: ['stopped'],
  action_required: ['action_required'],
  awaiting_customer: ['awaiting_customer'],
  'verifying-confirmation': ['verifying'],
  disconnecting: ['disconnected'],
};

const isoTimes = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g;

/** Moves all times of a carried state to the present: in a state of years ago, every deadline would be past. */
function asOf(nowMs: number, { input, state }: CarriedState): Pick<CarriedState, 'input' | 'state'> {
  const laterMs = nowMs - Date.parse(state.updatedAt);
  const text = JSON.stringify({ input, state }).replaceAll(isoTimes, (time) =>
    new Date(Date.parse(time) + laterMs).toISOString(),
  );
  const later = JSON.parse(text) as Pick<CarriedState, 'input' | 'state'>;
  const { discovery } = later.state;
  // Thousands of lists would be made in that day; discoveries have suites of their own.
  const onDemandAlone = discovery && { ...discovery, intervalSeconds: null, nextAt: null };
  return { ...later, state: { ...later.state, discovery: onDemandAlone } };
}

describe.skipIf(inject('components').timeSkipping === null)('a state carried over from a run of an older build', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld(undefined, recordingKeyRing);
  });
  afterAll(async () => await world.close());

  /** Gives it the working credential of another connection that signed in, where the simulated cloud can issue one. */
  async function giveCredential({ ref, credential }: CarriedState['state']): Promise<void> {
    if (!credential || ref.provider !== 'ovh') return;
    const region = ref.region as 'ovh-eu' | 'ovh-us' | 'ovh-ca';
    const donor = await world.connect({ tenant: ref.tenant, region });
    await donor.terminate();
    for (const key of [liveKeys.renewal, liveKeys.access]) {
      const stored = await world.secrets.read('live', key(donor.id));
      if (stored) await world.secrets.write('live', key(ref.id), stored.data);
    }
  }

  async function start({ input, state }: Pick<CarriedState, 'input' | 'state'>): Promise<WorkflowHandle> {
    const client = new Client({ connection: world.skipping.environment.connection });
    return await client.workflow.start(workflowTypes.connection, {
      workflowId: state.ref.id,
      taskQueue: taskQueues.workflows,
      args: [input, state],
    });
  }

  async function historiesOf({ client, workflowId }: WorkflowHandle): Promise<readonly History[]> {
    const histories: History[] = [];
    for (let { runId } = await client.getHandle(workflowId).describe(); runId !== '';) {
      const history: History = await client.getHandle(workflowId, runId).fetchHistory();
      histories.unshift(history);
      runId = history.events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId ?? '';
    }
    return histories;
  }

  test.for(carriedStates())('$version $name continues for a day without a failed workflow task', async (carried) => {
    const { name } = carried;
    const now = asOf(await world.now(), carried);
    await giveCredential(now.state);
    const handle = await start(now);
    await world.pass({ hours: 26 });

    const { status } = await handle.query<ConnectionView>(messages.view);
    if (expected[name]) expect(expected[name]).toContain(status);
    const timeline = await handle.query<readonly TimelineEntry[]>(messages.timeline);
    expect(timeline.slice(0, now.state.timeline.length)).toEqual(now.state.timeline);
    const histories = await historiesOf(handle);
    const events = histories.flatMap(eventNames);
    expect(events.filter((event) => /WORKFLOW_TASK_(?:FAILED|TIMED_OUT)$/.test(event))).toEqual([]);
    if (status !== 'disconnected') expect(histories.length).toBeGreaterThan(1);

    await comeToRest(handle);
    await handle.terminate().catch(() => undefined);
  });

  test('a state of a newer build fails its workflow task and keeps running, until that build is back', async () => {
    const [carried] = carriedStates();
    const now = asOf(await world.now(), carried ?? expect.fail());
    const handle = await start({ ...now, state: { ...now.state, v: 99 as 2 } });
    await eventually('the task to fail', async () =>
      eventNames(await handle.fetchHistory()).includes('EVENT_TYPE_WORKFLOW_TASK_FAILED'),
    );
    expect((await handle.describe()).status.name).toBe('RUNNING');
    await handle.terminate();
  });

  test('there is a carried state of every lasting phase', () => {
    expect(carriedStates().map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(expected)));
  });
});
