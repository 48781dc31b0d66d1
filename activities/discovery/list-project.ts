import type { DiscoveryActivities } from '../../contracts/discovery.ts';
import type { DiscoveryDependencies } from '../dependencies.ts';
import { jobsOf, makeLists } from './make-lists.ts';

/** Every list of a few projects, or of the account. */
export const createListProject =
  (deps: DiscoveryDependencies): DiscoveryActivities['listProject'] =>
  async ({ places, ...input }) => {
    const { inPlace } = jobsOf(deps, input.connection);
    return await makeLists(deps, input, { jobs: places.flatMap(inPlace) });
  };
