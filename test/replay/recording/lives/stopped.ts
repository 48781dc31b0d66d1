import type { ConnectionInput } from '../../../../workflows/contracts/messages.ts';
import { taskQueues, workflowTypes } from '../../../../workflows/contracts/ids.ts';
import { iso } from '../../../../workflows/contracts/time.ts';
import { initialState } from '../../../../workflows/connection.phases.ts';
import { apply } from '../../../../workflows/connection.state.ts';
import type { Installation } from '../installation.ts';
import { handleOf, leave, untilContinued, untilStatus, untilView, type Lives } from '../life.ts';

const LIFETIME_SECONDS = 3_600;

/** A connection whose workflow was terminated, started again in the phase `stopped`: from what is known of it outside. */
async function stoppedAndStartedAgain(installation: Installation): Promise<string> {
  const { id } = await installation.connect();
  const view = await untilView(installation, id, () => true);
  await handleOf(installation, id).terminate('Recorded: ended from outside.');
  const { tenant, provider, region, method, name, tags, setup, account, createdAt } = view;
  const invitation = { lifetimeSeconds: LIFETIME_SECONDS, passcodeRequired: false, confirm: false };
  const input: ConnectionInput = {
    ...{ id, tenant, provider, region, method, name, tags, setup },
    discovery: null,
    invitation,
  };
  const now = iso(Date.now());
  const open = {
    ...invitation,
    epoch: 1,
    expiresAt: iso(Date.now() + LIFETIME_SECONDS * 1000),
    purpose: 'connect',
    allowDifferentAccount: false,
  } as const;
  const state = apply({ ...initialState(input, open, createdAt), account }, { type: 'stopped' }, now);
  await installation.client.workflow.start(workflowTypes.connection, {
    workflowId: id,
    taskQueue: taskQueues.workflows,
    args: [input, state],
    memo: { view: { ...view, status: 'stopped' } },
  });
  await untilStatus(installation, id, 'stopped');
  return id;
}

export const stopped: Lives = {
  async 'stopped-and-recovered'(installation) {
    const { platform } = installation;
    const id = await stoppedAndStartedAgain(installation);
    await untilContinued(installation, id);
    await handleOf(installation, id).executeUpdate('recover', {
      args: [{ tenant: (await untilView(installation, id, () => true)).tenant }],
    });
    await platform.until(id, 'active');
    await leave(installation, id);
    return { workflows: [id], carried: { name: 'stopped', id } };
  },

  async 'stopped-and-left'(installation) {
    const id = await stoppedAndStartedAgain(installation);
    await leave(installation, id);
    return { workflows: [id] };
  },
};
