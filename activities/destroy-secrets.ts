import type { ConnectionActivities } from '../workflows/contracts/activities.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { storing } from './failures.ts';

type Dependencies = Pick<ActivityDependencies, 'secrets'>;

/** Destroys every version of every secret of a connection. */
export function createDestroySecrets({ secrets }: Dependencies): ConnectionActivities['destroySecrets'] {
  return ({ connection }) =>
    storing(async () => {
      for (const ref of await secrets.list('pending', `${connection.id}/`)) {
        await secrets.destroy('pending', `${connection.id}/${ref}`);
      }
      await secrets.destroy('revoking', connection.id);
      await secrets.destroy('live', connection.id);
    });
}
