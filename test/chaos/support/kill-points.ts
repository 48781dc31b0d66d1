import type { Connection } from '../../../api/schemas/connection.ts';
import type { SandboxClient } from '../../../sandbox/client.ts';
import type { SecretStore } from '../../../stores/secrets/port.ts';
import type { Customer, SignedIn } from '../../support/customer.ts';
import { eventually } from '../../support/eventually.ts';
import { liveGeneration } from './stack-stores.ts';

/** The exact places where a process is killed, one connection at each of them. */
export const killPoints = {
  stateConsumed: 'the callback was answered, the code not yet sent',
  exchangeSent: 'the code is on its way to the cloud',
  exchangeReplied: 'the code is spent, the reply not stored',
  refreshSent: 'the refresh token is on its way to the cloud',
  refreshReplied: 'the refresh token is spent, the reply not stored',
  refreshStored: 'the new token is stored, the task not complete',
  revokeSent: 'the revocation is on its way to the cloud',
  revokeReplied: 'the token is revoked, the reply not there',
} as const;
export type KillPoint = keyof typeof killPoints;

/** Requests of three regions, so that each meets the fault that is meant for it. */
const regions: Readonly<Record<KillPoint, string>> = {
  stateConsumed: 'ovh-ca',
  exchangeSent: 'ovh-eu',
  exchangeReplied: 'ovh-us',
  refreshSent: 'ovh-eu',
  refreshReplied: 'ovh-us',
  refreshStored: 'ovh-ca',
  revokeSent: 'ovh-eu',
  revokeReplied: 'ovh-us',
};
const refreshes = ['refreshSent', 'refreshReplied', 'refreshStored'] as const;
const revocations = ['revokeSent', 'revokeReplied'] as const;
const signIns = ['stateConsumed', 'exchangeSent', 'exchangeReplied'] as const;

export interface Scene {
  readonly connections: Readonly<Record<KillPoint, string>>;
  /** What was open when it began: signing in again with it must be possible where a code was lost. */
  readonly links: Readonly<Record<(typeof signIns)[number], string>>;
  readonly callbacks: Readonly<Record<(typeof signIns)[number], SignedIn>>;
}

/** Everything up to the moment before: nothing that follows may take longer than a request's deadline of 6 s. */
export async function setScene(customer: Customer): Promise<Scene> {
  const arriving = await Promise.all(
    signIns.map(async (point) => {
      const { connection, invitation } = await customer.platform.invite({ region: regions[point], name: point });
      return { point, id: connection.id, link: invitation.url, signedIn: await customer.signIn(invitation.url) };
    }),
  );
  const connected = await Promise.all(
    [...refreshes, ...revocations].map(async (point) => {
      const { id } = await customer.connect({ region: regions[point], name: point });
      return { point, id };
    }),
  );
  return {
    connections: record([...arriving, ...connected].map(({ point, id }) => [point, id])),
    links: record(arriving.map(({ point, link }) => [point, link])),
    callbacks: record(arriving.map(({ point, signedIn }) => [point, signedIn])),
  };
}

/**
 * Brings all connections to their kill points; answers whether all are still there at the end. `freeze` stops the
 * worker at the last of them, if it is to die.
 */
export async function reachKillPoints(
  { connections, callbacks }: Scene,
  { platform, cloud }: Customer,
  { secrets, lockEphemeral, freeze }: { secrets: SecretStore; lockEphemeral: () => () => void; freeze: () => void },
): Promise<boolean> {
  await cloud.fault({ endpoint: 'token.*', region: 'ovh-eu' }, { kind: 'hold_before' }, 2);
  await cloud.fault({ endpoint: 'token.*', region: 'ovh-us' }, { kind: 'hold_after' }, 2);
  await cloud.fault({ endpoint: 'revoke', region: 'ovh-eu' }, { kind: 'hold_before' });
  await cloud.fault({ endpoint: 'revoke', region: 'ovh-us' }, { kind: 'hold_after' });
  await cloud.fault({ endpoint: 'token.refresh', region: 'ovh-ca' }, { kind: 'hold_after' });

  for (const point of refreshes) {
    // Its caller may lose the connection to the API; the refresh itself is the workflow's.
    platform.call('POST', `/v1/connections/${connections[point]}/refresh`).catch(() => {});
  }
  await Promise.all([
    ...revocations.map(async (point) => await platform.call('DELETE', `/v1/connections/${connections[point]}`)),
    callbacks.exchangeSent.arrive(),
    callbacks.exchangeReplied.arrive(),
  ]);
  const held = await eventually('seven requests to be held', async () => {
    const holds = await cloud.holds();
    return holds.length === 7 && holds;
  });

  // Publishing the view follows storing the token, in the same activity: its lock keeps the task from completing.
  const unlock = lockEphemeral();
  const stored = held.find(({ region }) => region === 'ovh-ca');
  if (stored) await cloud.release(stored);
  const generationMoved = async () => (await liveGeneration(secrets, connections.refreshStored)) === 2;
  await eventually('the new token to be stored', generationMoved);
  freeze();
  unlock();
  await callbacks.stateConsumed.arrive();
  // Whoever has passed its deadline of 6 s is no longer where it was to be killed.
  return !(await cloud.holds()).some(({ clientGone }) => clientGone);
}

export async function releaseAll(cloud: SandboxClient): Promise<void> {
  for (const hold of await cloud.holds()) await cloud.release(hold);
}

export type Outcome = 'connected' | 'renewed' | 'disconnected' | 'exchange_response_lost' | 'rotation_response_lost';

/** What has become of a connection; undefined while it is still on its way. */
export function outcomeOf(point: KillPoint, { status, problem, credential }: Connection): Outcome | undefined {
  if (status === 'disconnected') return status;
  if (status === 'active') {
    if ((credential?.generation ?? 0) > 1) return 'renewed';
    return (signIns as readonly KillPoint[]).includes(point) ? 'connected' : undefined;
  }
  const lost = status === 'awaiting_customer' || status === 'action_required' ? problem?.code : undefined;
  return lost as Outcome | undefined;
}

const record = <K extends string, V>(entries: readonly (readonly [K, V])[]): Record<K, V> =>
  Object.fromEntries(entries) as Record<K, V>;
