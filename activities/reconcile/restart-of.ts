import type { SecretStore } from '../../stores/secrets/port.ts';
import type { ConnectionAbout } from '../../contracts/activities.ts';
import type { ConnectionRef } from '../../contracts/connection.ts';
import { aboutFromView, type Restart } from '../../contracts/restart.ts';
import type { Stored } from './decide.ts';
import type { Legacy } from './ports.ts';
import { readAbout, readReference } from './stored.ts';

/**
 * What a connection is started again with, from the best that is left of it: what was kept for this, what its last run
 * said of itself, or no more than its credential names. Null where there is nothing at all.
 */
export async function restartOf(
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
  // With something left, it is revoked once more before it is destroyed.
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

/** The memo changes with the connection; what is kept in the store follows a moment later. */
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
      // Whether it discovers is not known; on demand it may, and its inventory is dropped in the end.
      discovery: { intervalSeconds: null, concurrency: 1 },
      request: null,
    }
  );
}
