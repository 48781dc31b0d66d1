import type { JsonObject } from '../platform/json.ts';
import { Secret } from '../platform/secret.ts';
import { SecretStoreConflict } from '../stores/secrets/port.ts';
import type { ConnectionActivities } from '../contracts/activities.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { withStoreErrors } from './failures.ts';

type Dependencies = Pick<ActivityDependencies, 'secrets'>;

/** Keeps how the connection ended, and when, for ever. Written once. */
export function createWriteTombstone({ secrets }: Dependencies): ConnectionActivities['writeTombstone'] {
  return ({ tombstone }) =>
    withStoreErrors(async () => {
      try {
        const data = new Secret(tombstone as unknown as JsonObject);
        await secrets.write('tombstones', tombstone.connection.id, data, { cas: 0 });
      } catch (error) {
        // Written by a try whose answer was lost.
        if (!(error instanceof SecretStoreConflict)) throw error;
      }
    });
}
