import type { WorkflowHandle } from '@temporalio/client';
import type { JsonObject } from '../../../../platform/json.ts';
import { Secret } from '../../../../platform/secret.ts';
import { deliveryWorkflowId } from '../../../../contracts/webhooks.ts';
import { createDeliveryStarter } from '../../../../platform/temporal/delivery-start.ts';
import { createDataConverter } from '../../../../platform/temporal/data-converter.ts';
import { newRecord } from '../../../../stores/secrets/credential-record.ts';
import { taskQueues, workflowTypes } from '../../../../contracts/ids.ts';
import { messages, type ConnectionInput } from '../../../../contracts/messages.ts';
import { startTimeSkipping } from '../../../support/time-skipping.ts';
import { createWorld, type World } from '../../../workflows/support/world.ts';
import { recordingKeyRing } from '../../recording-keys.ts';
import type { History } from '../../recordings.ts';

interface Run {
  readonly workflowId: string;
  readonly history: History;
}

const externalId = 'Mooring-4f9c2a';
const late = {
  id: 'con_rolethatislateaaaaaaaaaaaa',
  tenant: 'acme',
  provider: 'aws',
  region: 'aws',
  method: 'role',
  name: null,
  tags: [],
  setup: { externalId },
  discovery: null,
  invitation: { lifetimeSeconds: 14 * 86_400, passcodeRequired: false, confirm: false },
} satisfies ConnectionInput;
const submitted = { role_arn: 'arn:aws:iam::222233334441:role/late', external_id: externalId };

const start = async () => ({
  ...(await startTimeSkipping({ dataConverter: createDataConverter(recordingKeyRing, true) })),
  namespace: 'default',
});

/**
 * An active connection, one whose role does not come, and a webhook whose endpoint fails, over more than a day: runs
 * that are continued because the day is over. On the test server that skips time, because a real one would take that day.
 */
export async function days(): Promise<readonly Run[]> {
  const world = await createWorld(start, recordingKeyRing);
  try {
    const active = await world.connect();
    const waiting = await submitLateRole(world);
    const undelivered = await startUndelivered(world);
    await world.pass({ hours: 26 });
    await active.send('annotate', { name: 'renamed' });
    const handles = [active.handle, waiting, undelivered];
    const runs = await Promise.all(handles.map(async (handle) => await runsOf(world, handle)));
    for (const handle of handles) await handle.terminate();
    return runs.flat();
  } finally {
    await world.close();
  }
}

async function submitLateRole({ skipping, secrets }: World): Promise<WorkflowHandle> {
  const { id, tenant } = late;
  const ref = 'submitted';
  const record = new Secret<JsonObject>({ ...newRecord(late), ...submitted });
  await secrets.write('pending', `${id}/${ref}`, record);
  const handle = await skipping.environment.client.workflow.start(workflowTypes.connection, {
    workflowId: id,
    taskQueue: taskQueues.workflows,
    args: [late],
  });
  const command = { tenant, epoch: 1, ref, deadlineSeconds: null };
  await handle.executeUpdate(messages.submitCredentials, { args: [command] });
  return handle;
}

async function startUndelivered({ skipping, webhooks }: World): Promise<WorkflowHandle> {
  const tenant = 'recorded-webhooks';
  const filters = { types: [], providers: [], tags: [] };
  const created = { url: 'https://hooks.example/', description: null, ...filters };
  const { endpoint } = await webhooks.endpoints.create(tenant, created);
  webhooks.answer = { status: 500 };
  const event = { id: 'evt_late', type: 'test.ping', timestamp: '2026-01-01T00:00:00.000Z', data: {} } as const;
  const { client } = skipping.environment;
  await createDeliveryStarter(client, skipping.clock).start({ v: 1, tenant, endpoint: endpoint.id, event });
  return client.workflow.getHandle(deliveryWorkflowId(endpoint.id, event.id));
}

/** Oldest first. This server has no lists: each run names the one before. */
async function runsOf({ skipping }: World, { workflowId }: WorkflowHandle): Promise<readonly Run[]> {
  const { workflow } = skipping.environment.client;
  const runs: Run[] = [];
  for (let { runId } = await workflow.getHandle(workflowId).describe(); runId !== '';) {
    const history: History = await workflow.getHandle(workflowId, runId).fetchHistory();
    runs.unshift({ workflowId, history });
    runId = history.events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId ?? '';
  }
  return runs;
}
