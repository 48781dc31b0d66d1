import { isCredentialRecord, liveKeys, revokingKey } from '../stores/secrets/credential-record.ts';
import type { ConnectionActivities } from '../contracts/activities.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { releaseClaim } from './claims.ts';
import { withStoreErrors } from './failures.ts';
import { pendingKey } from './records.ts';

type Dependencies = Pick<ActivityDependencies, 'secrets'>;

/** Destroys every version of every secret of a connection, and gives up what it claimed. */
export function createDestroySecrets({ secrets }: Dependencies): ConnectionActivities['destroySecrets'] {
  return ({ connection }) =>
    withStoreErrors(async () => {
      const { id } = connection;
      const destroy = async (gate: 'pending' | 'revoking' | 'live', key: string): Promise<void> => {
        const document = (await secrets.read(gate, key))?.data.reveal();
        const claim = isCredentialRecord(document) ? document.mooring.claim : null;
        if (claim !== null) await releaseClaim(secrets, connection, claim);
        await secrets.destroy(gate, key);
      };
      for (const ref of await secrets.list('pending', `${id}/`)) await destroy('pending', pendingKey(id, ref));
      for (const name of await secrets.list('revoking', `${id}/`)) await destroy('revoking', revokingKey(id, name));
      for (const key of [liveKeys.access(id), liveKeys.renewal(id), liveKeys.about(id)]) await destroy('live', key);
    });
}
