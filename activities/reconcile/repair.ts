import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/logger.ts';
import { liveKeys } from '../../stores/secrets/credential-record.ts';
import type { SecretStore } from '../../stores/secrets/port.ts';
import type { ConnectionAbout, ConnectionActivities } from '../../contracts/activities.ts';
import type { ConnectionRef } from '../../contracts/connection.ts';
import { workflowTypes } from '../../contracts/ids.ts';
import { aboutFromView, type Restart } from '../../contracts/restart.ts';
import { iso } from '../../contracts/time.ts';
import { decide, type Decision, type Stored } from './decide.ts';
import type { ConnectionDirectory, Legacy } from './ports.ts';
import { readAbout, readReference, readStored } from './stored.ts';

export interface RepairDependencies {
  readonly secrets: SecretStore;
  readonly directory: ConnectionDirectory;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly restoreAccess: ConnectionActivities['restoreAccess'];
}

export type Repair =
  'running' | 'nothing' | 'stopped' | 'disconnecting' | 'swept' | 'discarded' | 'failed' | 'postponed';

/**
 * Looks up one id again, and repairs what is wrong with it. `mayAct` is called before anything is changed. Rejects
 * where Temporal or the secret store does not answer.
 */
export async function repair(deps: RepairDependencies, id: string, mayAct: () => boolean): Promise<Repair> {
  const { directory, secrets, clock, logger } = deps;
  const lookup = await directory.find(id);
  if (lookup.state === 'running') return 'running';
  const stored = await readStored(secrets, id);
  const hasLegacy = lookup.state === 'ended_from_outside' && lookup.workflowType === workflowTypes.connection;
  const legacy: Legacy = hasLegacy ? await directory.legacy(id) : { view: null, request: null };
  const decision = decide(lookup, stored, legacy.view?.status ?? null, clock.now());
  if (decision.do === 'nothing') return 'nothing';
  if (decision.do === 'restart') {
    const restart = await restartOf(secrets, id, decision.as, { stored, legacy, at: iso(clock.now()) });
    if (!restart) return failed(logger, id, decision);
    if (!mayAct()) return 'postponed';
    logger.warn(
      { connection: id, as: restart.as, found: lookup.state },
      'A connection without a workflow is started again.',
    );
    // Before the start, so that nothing is handed out once the connection is shown as stopped.
    await secrets.destroy('live', liveKeys.access(id));
    if ((await directory.restart(restart)) === 'started') return restart.as;
    return await afterRefusal(deps, id);
  }
  const connection = await readReference(secrets, id, stored);
  if (!connection) return failed(logger, id, decision);
  if (!mayAct()) return 'postponed';
  if (decision.do === 'sweep') {
    // `refused`: an earlier sweep still runs. It may take days until the cloud has revoked everything.
    if ((await directory.sweep(connection)) === 'refused') return 'nothing';
    logger.warn({ connection: id }, 'Something was left of a connection that has ended: it is revoked and destroyed.');
    return 'swept';
  }
  const { refs } = decision;
  const starts = await Promise.all(refs.map(async (pendingRef) => await directory.discard({ connection, pendingRef })));
  if (!starts.includes('started')) return 'nothing';
  logger.info({ connection: id, grants: refs.length }, 'Abandoned submissions are dropped.');
  return 'discarded';
}

/** Another process has started it meanwhile. If it is in use, the credential that was withdrawn above is restored. */
async function afterRefusal({ directory, restoreAccess }: RepairDependencies, id: string): Promise<Repair> {
  const lookup = await directory.find(id);
  const { view } = await directory.legacy(id);
  if (lookup.state !== 'running' || !view || view.status === 'stopped' || view.status === 'disconnecting')
    return 'nothing';
  await restoreAccess({ connection: view });
  return 'running';
}

function failed(logger: Logger, id: string, { do: wanted }: Decision): Repair {
  logger.error(
    { connection: id, code: 'nothing_known', wanted },
    'What is stored for this id does not say whose it is, and Temporal does not know it: look at it in the secret store.',
  );
  return 'failed';
}

/**
 * The input to start a connection again, from the best source that is left: its `about` record, the memo of its last
 * run, or only the reference in its credential. Null where there is none.
 */
async function restartOf(
  secrets: SecretStore,
  id: string,
  as: Restart['as'],
  { stored, legacy, at }: { readonly stored: Stored; readonly legacy: Legacy; readonly at: string },
): Promise<Restart | null> {
  const about =
    withLatest(await readAbout(secrets, id), legacy) ??
    (legacy.view?.id === id ? aboutFromView(legacy.view, legacy.request) : null) ??
    bareAbout(await readReference(secrets, id, stored), at);
  if (!about) return null;
  // If something is left, it is revoked once more before it is destroyed.
  const isDestroyed = stored.live.length + stored.revoking.length === 0;
  return {
    restart: 1,
    about,
    as,
    at,
    discards: stored.pending.map(({ ref }) => ref),
    revocation: as === 'disconnecting' && isDestroyed ? (stored.tombstone?.revocation ?? null) : null,
  };
}

/** The memo is the newest: after a change, the `about` record is written a moment later. */
function withLatest(about: ConnectionAbout | null, { view, request }: Legacy): ConnectionAbout | null {
  if (!about || view?.id !== about.connection.id) return about;
  const { name, tags, account } = view;
  const epoch = Math.max(about.epoch, view.invitation?.epoch ?? 0);
  return { ...about, name, tags, account, epoch, request: about.request ?? request };
}

function bareAbout(connection: ConnectionRef | null, at: string): ConnectionAbout | null {
  return (
    connection && {
      v: 1,
      connection,
      name: null,
      tags: [],
      setup: {},
      account: null,
      epoch: 1,
      createdAt: at,
      // Not known whether it discovers. This allows it on demand, and lets a disconnect drop its inventory.
      discovery: { intervalSeconds: null, concurrency: 1 },
      request: null,
    }
  );
}
