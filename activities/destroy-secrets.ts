import type { ConnectionActivities } from '../workflows/contracts/activities.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { releaseClaim } from './claims.ts';
import { storing } from './failures.ts';
import { pendingKey, readRecord } from './records.ts';

type Dependencies = Pick<ActivityDependencies, 'secrets'>;

/** Destroys every version of every secret of a connection. */
export function createDestroySecrets({ secrets }: Dependencies): ConnectionActivities['destroySecrets'] {
  return ({ connection }) =>
    storing(async () => {
      const destroy = async (gate: 'pending' | 'revoking' | 'live', key: string): Promise<void> => {
        const claim = (await readRecord(secrets, gate, key))?.record.reveal().mooring.claim;
        if (claim) await releaseClaim(secrets, connection, claim);
        await secrets.destroy(gate, key);
      };
      for (const ref of await secrets.list('pending', `${connection.id}/`)) {
        await destroy('pending', pendingKey(connection.id, ref));
      }
      await destroy('revoking', connection.id);
      await destroy('live', connection.id);
    });
}
