import type { FaultAction } from '../../../../sandbox/core/faults.ts';
import { eventually } from '../../../support/eventually.ts';
import type { Invited } from '../../../support/platform.ts';
import type { Installation } from '../installation.ts';
import { handleOf, leave, untilContinued, untilStatus, untilUpkeepWaits, untilView, type Lives } from '../life.ts';

const path = (id: string, verb = ''): string => `/v1/connections/${id}${verb}`;
const ada = { ovh: 'la12345-ovh', azure: 'ada@lindqvist.example', gcp: 'ada@lindqvist.example' } as const;
const refreshes = 'token.refresh';

/** One that signs in at a cloud and region that no other life uses: faults are kept to a region. */
const connectAt = async (installation: Installation, provider: keyof typeof ada, region: string): Promise<string> =>
  (await installation.connect({ provider, region, method: 'authorization_code' }, { account: ada[provider] })).id;

const fault = async (
  { cloud }: Installation,
  [provider, region]: readonly [string, string],
  action: FaultAction,
  times = 1,
): Promise<void> => await cloud.fault({ cloud: provider, region, endpoint: refreshes }, action, times);

/** A renewal of upkeep's own that the cloud keeps waiting; answers how to let it go on. */
async function heldAttempt(
  installation: Installation,
  at: readonly [keyof typeof ada, string],
  kind: 'hold_before' | 'hold_after',
) {
  const id = await connectAt(installation, ...at);
  await untilUpkeepWaits(installation, id);
  await fault(installation, at, { kind });
  const { cloud } = installation;
  const hold = await heldIn(installation, at[1]);
  return { id, release: async () => await cloud.release(hold) };
}

const heldIn = async ({ cloud }: Installation, at: string) =>
  await eventually(
    'an attempt to be held',
    async () => (await cloud.holds()).find(({ region }) => region === at),
    30_000,
  );

/** What upkeep itself tells the workflow, where access tokens live for seconds. */
export const upkeep: Lives = {
  async degraded(installation) {
    const { platform } = installation;
    const at = ['ovh', 'ovh-us'] as const;
    const id = await connectAt(installation, ...at);
    await untilUpkeepWaits(installation, id);
    await fault(installation, at, { kind: 'respond', status: 503 }, 2);
    await untilStatus(installation, id, 'degraded');
    await untilContinued(installation, id);
    await platform.until(id, 'active', 90_000);
    await leave(installation, id);
    return { workflows: [id], carried: { name: 'degraded', id } };
  },

  async 'degraded-on-request'(installation) {
    const { platform } = installation;
    const at = ['gcp', 'global'] as const;
    const id = await connectAt(installation, ...at);
    await fault(installation, at, { kind: 'respond', status: 503 });
    await platform.call('POST', path(id, '/refresh')).catch(() => undefined);
    await untilStatus(installation, id, 'degraded');
    await platform.until(id, 'active', 60_000);
    await leave(installation, id);
    return { workflows: [id] };
  },

  async 'action-required'(installation) {
    const { platform, cloud } = installation;
    const id = await connectAt(installation, 'ovh', 'ovh-ca');
    await cloud.revokeOvhAccount(ada.ovh, 'ovh-ca');
    await untilStatus(installation, id, 'action_required');
    await untilContinued(installation, id);
    const { invitation } = await platform.call<Invited>('POST', path(id, '/reauthorize'));
    await (await installation.signIn(invitation.url)).arrive();
    await platform.until(id, 'active');
    await leave(installation, id);
    return { workflows: [id], carried: { name: 'action_required', id } };
  },

  /** The attempt that is under way ends with its report, and asks for no other. */
  async 'paused-beside-an-attempt'(installation) {
    const { platform } = installation;
    const { id, release } = await heldAttempt(installation, ['azure', 'us-government'], 'hold_before');
    await platform.call('POST', path(id, '/pause'));
    await release();
    await untilView(installation, id, ({ credential }) => credential?.generation === 2);
    await platform.call('POST', path(id, '/resume'));
    await untilUpkeepWaits(installation, id);
    await leave(installation, id);
    return { workflows: [id] };
  },

  /** The reply that the attempt brings home is revoked with the rest. */
  async 'disconnected-beside-an-attempt'(installation) {
    const { platform } = installation;
    const { id, release } = await heldAttempt(installation, ['azure', 'china'], 'hold_after');
    await platform.call('DELETE', path(id));
    await release();
    await platform.until(id, 'disconnected', 60_000);
    return { workflows: [id] };
  },

  /** Its attempt comes to its end before the workflow is cancelled. */
  async 'cancelled-beside-an-attempt'(installation) {
    const { id, release } = await heldAttempt(installation, ['ovh', 'ovh-eu'], 'hold_after');
    const handle = handleOf(installation, id);
    await handle.cancel();
    await release();
    await handle.result().catch(() => undefined);
    await untilStatus(installation, id, 'stopped');
    return { workflows: [id] };
  },
};
