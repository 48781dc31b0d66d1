import type { temporal } from '@temporalio/proto';
import { messages } from '../../../../contracts/messages.ts';
import { eventually } from '../../../support/eventually.ts';
import { untilHeld } from '../../../chaos/support/waves/held.ts';
import type { Installation } from '../installation.ts';
import { handleOf, leave, untilStatus, type Life } from '../life.ts';

type Attributes = keyof temporal.api.history.v1.IHistoryEvent & `${string}EventAttributes`;

const eventsOf = async (installation: Installation, id: string) =>
  (await handleOf(installation, id).fetchHistory()).events ?? [];

const has = async (installation: Installation, id: string, event: Attributes): Promise<boolean> =>
  (await eventsOf(installation, id)).some((each) => each[event]);

const isBegun = async (installation: Installation, id: string): Promise<boolean> => {
  const last = (await eventsOf(installation, id)).at(-1);
  return Boolean(last?.workflowTaskStartedEventAttributes);
};

/** Workers that are killed in the middle of an activity and of a workflow task, and one of a build with a mistake in it. */
export const deaths: Life = async (installation) => {
  const { platform, cloud } = installation;
  const [renewing, task, mistaken] = await Promise.all([
    installation.connect({ region: 'ovh-us' }),
    installation.connect({ region: 'ovh-ca' }),
    installation.connect({ region: 'ovh-ca' }),
  ]);
  const arriving = await platform.invite();
  const redirect = await installation.signIn(arriving.invitation.url);
  await cloud.fault({ endpoint: 'token.code', region: 'ovh-eu' }, { kind: 'hold_after' });
  await cloud.fault({ endpoint: 'token.refresh', region: 'ovh-us' }, { kind: 'hold_after' });
  await redirect.arrive();
  platform.call('POST', `/v1/connections/${renewing.id}/refresh`).catch(() => undefined);
  await untilHeld(cloud, 2);
  await installation.killWorkers();
  for (const hold of await cloud.holds()) await cloud.release(hold);

  // A message that changes nothing makes a workflow task.
  const stuck = await installation.startForeignWorker('stuck.workflow.ts');
  await handleOf(installation, task.id).signal(messages.oauthCallback, 'wake up');
  await eventually('the task to begin', async () => await isBegun(installation, task.id), 30_000);
  await stuck.kill();

  const broken = await installation.startForeignWorker('broken.workflow.ts');
  await handleOf(installation, mistaken.id).signal(messages.oauthCallback, 'wake up');
  const failed = async () => await has(installation, mistaken.id, 'workflowTaskFailedEventAttributes');
  await eventually('the task to fail', failed, 30_000);
  await broken.kill();

  await installation.startWorker();
  const timedOut = async () => await has(installation, task.id, 'workflowTaskTimedOutEventAttributes');
  await eventually('Temporal to give the killed worker up', timedOut, 30_000);
  await untilStatus(installation, renewing.id, 'action_required');
  await platform.until(arriving.connection.id, ({ problem }) => problem !== null, 60_000);
  const all = [renewing.id, task.id, mistaken.id, arriving.connection.id];
  await Promise.all(all.map(async (id) => await leave(installation, id)));
  return { workflows: all };
};
