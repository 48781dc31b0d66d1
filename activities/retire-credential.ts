import type { ConnectionActivities } from '../workflows/contracts/activities.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { storing } from './failures.ts';

type Dependencies = Pick<ActivityDependencies, 'secrets'>;

/** Moves `live/` to `revoking/`. The copy comes first: a kill in between leaves two, never none. */
export function createRetireCredential({ secrets }: Dependencies): ConnectionActivities['retireCredential'] {
  return ({ connection }) =>
    storing(async () => {
      const live = await secrets.read('live', connection.id);
      if (!live) return;
      await secrets.write('revoking', connection.id, live.data);
      await secrets.destroy('live', connection.id);
    });
}
