import type { ConnectionActivities } from '../workflows/contracts/activities.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { releaseClaim } from './claims.ts';
import { storing } from './failures.ts';
import { readRecord } from './records.ts';

type Dependencies = Pick<ActivityDependencies, 'secrets'>;

/** Destroys every version of every secret of a connection. */
export function createDestroySecrets({ secrets }: Dependencies): ConnectionActivities['destroySecrets'] {
  return ({ connection }) =>
    storing(async () => {
      for (const ref of await secrets.list('pending', `${connection.id}/`)) {
        await secrets.destroy('pending', `${connection.id}/${ref}`);
      }
      for (const gate of ['revoking', 'live'] as const) {
        const stored = await readRecord(secrets, gate, connection.id);
        const claim = stored?.record.reveal().mooring.claim;
        if (claim) await releaseClaim(secrets, connection, claim);
      }
      await secrets.destroy('revoking', connection.id);
      await secrets.destroy('live', connection.id);
    });
}
