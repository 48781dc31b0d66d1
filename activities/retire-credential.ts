import type { JsonObject } from '../platform/json.ts';
import { Secret } from '../platform/secret.ts';
import { factsOf, liveKeys, revokingKey } from '../stores/secrets/credential-record.ts';
import { SecretStoreConflict } from '../stores/secrets/port.ts';
import type { ConnectionActivities } from '../contracts/activities.ts';
import { methodManifestOf, type ActivityDependencies } from './dependencies.ts';
import { withStoreErrors } from './failures.ts';
import { projection, recordOrProblem } from './records.ts';

type Dependencies = Pick<ActivityDependencies, 'secrets' | 'providers'>;

/**
 * Moves `live/` to `revoking/`. The copy comes first: a kill in between leaves two, never none. It is looked at once more
 * just before the end, in case an attempt that was frozen past its time-out has stored a reply meanwhile.
 */
export function createRetireCredential({ secrets }: Dependencies): ConnectionActivities['retireCredential'] {
  return ({ connection: { id } }) =>
    withStoreErrors(async () => {
      let copied: number | undefined;
      const copy = async (): Promise<void> => {
        const renewal = await secrets.read('live', liveKeys.renewal(id));
        if (!renewal || renewal.version === copied) return;
        await secrets.write('revoking', revokingKey(id), renewal.data);
        copied = renewal.version;
      };
      await copy();
      await secrets.destroy('live', liveKeys.access(id));
      await copy();
      for (const key of [liveKeys.renewal(id), liveKeys.about(id)]) await secrets.destroy('live', key);
    });
}

/** Destroys what is handed out, and nothing else: readers then find no credential, by construction. */
export function createWithdrawAccess({ secrets }: Dependencies): ConnectionActivities['withdrawAccess'] {
  return ({ connection }) => withStoreErrors(() => secrets.destroy('live', liveKeys.access(connection.id)));
}

/** Makes what is handed out anew from the record; null where there is none that can be read. */
export function createRestoreAccess(deps: Dependencies): ConnectionActivities['restoreAccess'] {
  const { secrets } = deps;
  return ({ connection }) =>
    withStoreErrors(async () => {
      const read = await recordOrProblem(secrets, 'live', liveKeys.renewal(connection.id));
      if ('problem' in read) return null;
      const record = read.stored.record.reveal();
      const leased = methodManifestOf(deps, connection)?.leased ?? [];
      try {
        await secrets.write('live', liveKeys.access(connection.id), projection(record, leased), { cas: 0 });
      } catch (error) {
        // It is there already: an attempt before this one wrote it, and its answer was lost.
        if (!(error instanceof SecretStoreConflict)) throw error;
      }
      return factsOf(record);
    });
}

/** What a lost connection is started again from; written with promotion and whenever any of it changes. */
export function createWriteAbout({ secrets }: Dependencies): ConnectionActivities['writeAbout'] {
  return ({ about }) =>
    withStoreErrors(async () => {
      const key = liveKeys.about(about.connection.id);
      await secrets.write('live', key, new Secret(about as unknown as JsonObject));
    });
}
