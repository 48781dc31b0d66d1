import type { DiscoveryActivities } from '../workflows/contracts/discovery.ts';
import { keepList, type DiscoveryDependencies } from './discovery/keep-list.ts';

export function createListResources(deps: DiscoveryDependencies): DiscoveryActivities['listResources'] {
  return async (input) => {
    const { kind, project } = input.list;
    return await keepList(deps, input, async (lister, context) => await lister.listKind(context, kind, project));
  };
}
