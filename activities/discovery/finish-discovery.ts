import type { Inventory } from '../../stores/inventory/port.ts';
import { differs } from '../../contracts/discovery-tally.ts';
import type {
  DiscoveryActivities,
  DiscoveryInput,
  DiscoverySummary,
  DiscoveryTally,
} from '../../contracts/discovery.ts';
import { iso } from '../../contracts/time.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { withStoreErrors } from '../failures.ts';
import { tellPass } from './tell-changes.ts';

export const createFinishDiscovery =
  (deps: EndPassDependencies): DiscoveryActivities['finishDiscovery'] =>
  async ({ tally, ...pass }) =>
    await endPass(deps, pass, tally);

export interface EndPassDependencies extends Pick<
  ActivityDependencies,
  'ephemeral' | 'clock' | 'logger' | 'discovery'
> {
  readonly inventory: Inventory;
}

export type Pass = Pick<DiscoveryInput, 'connection' | 'epoch' | 'trigger' | 'since'>;

/**
 * Records that a pass has ended (`tally` null = it was refused or cancelled). Signals the connection if the result is
 * new, or if a caller waits for it. If the activity is killed and runs again, the connection may get the same signal
 * twice, which changes nothing.
 */
export async function endPass(deps: EndPassDependencies, pass: Pass, tally: DiscoveryTally | null): Promise<void> {
  const { inventory, clock, discovery } = deps;
  const { connection, trigger, since } = pass;
  const begun = await withStoreErrors(async () => await inventory.pass(connection.id));
  // The store lost its data meanwhile, with earlier lists of this pass: record nothing, so that all is listed again.
  const isLost = begun?.startedAt !== since;
  const endedBefore = isLost ? null : begun.finishedAt;
  const finishedAt = endedBefore ?? iso(clock.now());
  const summary = tally && { ...tally, trigger, startedAt: since, finishedAt };
  const isNews = summary !== null && (isLost || endedBefore !== null || differs(begun.summary, summary));
  if (!isLost && endedBefore === null) {
    const ended = { ...begun, finishedAt, summary: summary ?? begun.summary };
    // Refused, because the connection has ended meanwhile.
    if (!(await withStoreErrors(async () => await inventory.keepPass(connection.id, ended)))) return;
    if (summary && isNews) await tellPass(deps, connection, summary);
    if (summary) {
      const seconds = (Date.parse(finishedAt) - Date.parse(since)) / 1000;
      discovery.onPass?.({ provider: connection.provider, seconds });
    }
  }
  if (summary && (isNews || trigger !== 'scheduled')) await tellConnection(deps, pass, summary);
}

export async function tellConnection(
  { discovery }: Pick<EndPassDependencies, 'discovery'>,
  { connection, since }: Pass,
  summary: DiscoverySummary,
): Promise<void> {
  await discovery.starter.tell(connection.id, { since, outcome: 'done', summary });
}

/** Drops what was found in the account; a list that is still in flight cannot write afterwards. */
export function createDropInventory({
  inventory,
}: {
  readonly inventory: Inventory;
}): DiscoveryActivities['dropInventory'] {
  return async ({ connection, epoch }) => await withStoreErrors(async () => await inventory.drop(connection.id, epoch));
}
