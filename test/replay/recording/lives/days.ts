import type { WorkflowHandle } from '@temporalio/client';
import { createDataConverter } from '../../../../platform/temporal/data-converter.ts';
import { startTimeSkipping } from '../../../support/time-skipping.ts';
import { submitting } from '../../../workflows/support/submission.ts';
import { createWorld, type World } from '../../../workflows/support/world.ts';
import { recordingKeyRing } from '../../recording-keys.ts';
import type { History } from '../../recordings.ts';

interface Run {
  readonly workflowId: string;
  readonly history: History;
}

const externalId = 'Mooring-4f9c2a';
const aws = { provider: 'aws', region: 'aws', method: 'role', setup: { externalId } };

const start = async () => ({
  ...(await startTimeSkipping({ dataConverter: createDataConverter(recordingKeyRing, true) })),
  namespace: 'default',
});

/**
 * An active connection and one whose role does not come, over more than a day: runs that are continued because the day
 * is over. On the test server that skips time, because a real one would take that day.
 */
export async function days(): Promise<readonly Run[]> {
  const world = await createWorld(start, recordingKeyRing);
  try {
    const active = await world.connect();
    const waiting = await submitting(world, aws);
    await waiting.submit({ role_arn: 'arn:aws:iam::222233334441:role/late', external_id: externalId });
    await world.pass({ hours: 26 });
    await active.send('annotate', { name: 'renamed' });
    const runs = [...(await runsOf(world, active.handle)), ...(await runsOf(world, waiting.handle))];
    await active.terminate();
    return runs;
  } finally {
    await world.close();
  }
}

/** Oldest first. This server has no lists: each run names the one before. */
async function runsOf(world: World, handle: WorkflowHandle): Promise<readonly Run[]> {
  const { workflow } = world.skipping.environment.client;
  const runs: Run[] = [];
  for (let { runId } = await handle.describe(); runId !== '';) {
    const history: History = await workflow.getHandle(handle.workflowId, runId).fetchHistory();
    runs.unshift({ workflowId: handle.workflowId, history });
    runId = history.events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId ?? '';
  }
  return runs;
}
