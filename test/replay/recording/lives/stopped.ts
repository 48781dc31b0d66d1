import { scheduleIds, workflowTypes } from '../../../../contracts/ids.ts';
import { eventually } from '../../../support/eventually.ts';
import type { Installation } from '../installation.ts';
import { handleOf, leave, untilContinued, type Lives } from '../life.ts';

/** A connection is confirmed to be gone twice in a row before it is started again. */
const MOST_RECONCILIATIONS = 10;

/** Has Temporal start a reconciliation now; answers when one has ended since. */
async function reconcileOnce({ client }: Installation): Promise<void> {
  const query = `WorkflowType = "${workflowTypes.reconcile}" AND ExecutionStatus = "Completed"`;
  const { count: before } = await client.workflow.count(query);
  await client.schedule.getHandle(scheduleIds.reconcile).trigger();
  await eventually('a reconciliation to end', async () => (await client.workflow.count(query)).count > before, 60_000);
}

/** A connection whose workflow was terminated, and that was found and started again. */
async function foundStopped(installation: Installation): Promise<string> {
  const { platform } = installation;
  const { id } = await installation.connect();
  await handleOf(installation, id).terminate('Recorded: ended from outside.');
  for (let each = 1; each <= MOST_RECONCILIATIONS; each++) {
    await reconcileOnce(installation);
    const { raw } = await handleOf(installation, id).describe();
    const isRunning = raw.workflowExecutionInfo?.closeTime == null;
    if (isRunning && (await platform.get(id)).status === 'stopped') return id;
  }
  throw new Error(`${id} was not started again by ${MOST_RECONCILIATIONS} reconciliations.`);
}

export const stopped: Lives = {
  async 'stopped-and-recovered'(installation) {
    const { platform } = installation;
    const id = await foundStopped(installation);
    await untilContinued(installation, id);
    await platform.call('POST', `/v1/connections/${id}/recover`);
    await platform.until(id, 'active');
    await leave(installation, id);
    return { workflows: [id], carried: { name: 'stopped', id } };
  },

  async 'stopped-and-left'(installation) {
    const id = await foundStopped(installation);
    await leave(installation, id);
    return { workflows: [id] };
  },

  async reconcile(installation) {
    await reconcileOnce(installation);
    return { workflows: await installation.idsOf(workflowTypes.reconcile) };
  },
};
