import type { Inventory } from '../stores/inventory/port.ts';
import type { DiscoveryActivities } from '../contracts/discovery.ts';
import { differs } from '../contracts/discovery-tally.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { tellPass } from './discovery/tell-changes.ts';
import { keeping } from './discovery/try-list.ts';

interface Dependencies extends Pick<ActivityDependencies, 'ephemeral' | 'clock' | 'logger'> {
  readonly inventory: Inventory;
}

export function createFinishDiscovery(deps: Dependencies): DiscoveryActivities['finishDiscovery'] {
  const { inventory } = deps;
  return async ({ connection, since, finishedAt, summary }) =>
    await keeping(async () => {
      const begun = await inventory.pass(connection.id);
      // The store was lost meanwhile, with lists that were made before: nothing is recorded, so that all is listed again.
      if (begun?.startedAt !== since) return { isNews: true };
      // An attempt before this one recorded it, and its answer was lost: what it would be compared with is gone.
      const isRepeated = begun.finishedAt === finishedAt;
      const isNews = isRepeated || summary === null || differs(begun.summary, summary);
      const ended = { ...begun, finishedAt, summary: summary ?? begun.summary };
      const isKept = await inventory.keepPass(connection.id, ended);
      if (summary && isKept && isNews && !isRepeated) await tellPass(deps, connection, summary);
      return { isNews };
    });
}
