import type { JsonObject } from '../platform/json.ts';
import { Secret } from '../platform/secret.ts';
import { factsOf, liveKeys } from '../stores/secrets/credential-record.ts';
import { SecretStoreConflict } from '../stores/secrets/port.ts';
import type { ConnectionActivities } from '../contracts/activities.ts';
import { methodManifestOf, type ActivityDependencies } from './dependencies.ts';
import { withStoreErrors } from './failures.ts';
import { projection, recordOrProblem } from './records.ts';

type Dependencies = Pick<ActivityDependencies, 'secrets' | 'providers'>;

/** Destroys only the record that is handed out, so that readers cannot find a credential. */
export function createWithdrawAccess({ secrets }: Dependencies): ConnectionActivities['withdrawAccess'] {
  return ({ connection }) => withStoreErrors(() => secrets.destroy('live', liveKeys.access(connection.id)));
}

/** Writes the record that is handed out again, from the whole record; null where there is no readable one. */
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
        // It exists already: an earlier attempt wrote it, and its response was lost.
        if (!(error instanceof SecretStoreConflict)) throw error;
      }
      return factsOf(record);
    });
}

/** Writes the record from which a lost connection is started again, when it changes. Promotion writes it first. */
export function createWriteAbout({ secrets }: Dependencies): ConnectionActivities['writeAbout'] {
  return ({ about }) =>
    withStoreErrors(async () => {
      const key = liveKeys.about(about.connection.id);
      await secrets.write('live', key, new Secret(about as unknown as JsonObject));
    });
}
