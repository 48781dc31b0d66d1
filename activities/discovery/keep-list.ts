import { cancellationSignal } from '@temporalio/activity';
import { EphemeralStoreUnavailable } from '../../stores/ephemeral/port.ts';
import type { Inventory } from '../../stores/inventory/port.ts';
import type { ConnectionRef } from '../../workflows/contracts/connection.ts';
import type { ListOutcome, ListRef } from '../../workflows/contracts/discovery.ts';
import { problems, type Problem } from '../../workflows/contracts/problem.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { notYet } from '../failures.ts';
import type { ListContext, Listing, Loss, ResourceLister } from '../providers/lister.ts';
import { askCloud } from './ask-cloud.ts';
import { inventoryRow } from './inventory-row.ts';
import { countsOf, tellChanges } from './tell-changes.ts';

export type DiscoveryDependencies = Pick<
  ActivityDependencies,
  'secrets' | 'ephemeral' | 'providers' | 'clock' | 'logger'
> & { readonly inventory: Inventory };

interface OneList {
  readonly connection: ConnectionRef;
  readonly epoch: number;
  readonly list: ListRef;
}

const nothing = { resources: 0, changes: { added: 0, removed: 0, changed: 0 }, problem: null, notice: null } as const;

/** Makes one list and puts it into the inventory: complete, what there is of it, or that it failed. */
export async function keepList(
  deps: DiscoveryDependencies,
  { connection, epoch, list }: OneList,
  ask: (lister: ResourceLister, context: ListContext) => Promise<Listing>,
): Promise<ListOutcome> {
  const answer = await askCloud(deps, connection, cancellationSignal(), ask);
  const write = { connection: connection.id, epoch, ...list };
  return await keeping(async () => {
    if (answer.outcome !== 'listed') {
      const isKept = await deps.inventory.markStale(write, answer.problem);
      return { ...nothing, outcome: isKept ? answer.outcome : 'dropped', problem: answer.problem };
    }
    const { rows, complete, losses, source, notice } = answer.listing;
    const kept = rows.map((resource) => inventoryRow(resource, source));
    const problem = complete ? null : lossProblem(losses);
    const changes = problem
      ? await deps.inventory.merge(write, kept, source, problem)
      : await deps.inventory.replace(write, kept, source);
    if (!changes) return { ...nothing, outcome: 'dropped' };
    await tellChanges(deps, connection, changes);
    const outcome = complete ? 'complete' : 'partial';
    return { outcome, resources: rows.length, changes: countsOf(changes), problem, notice };
  });
}

/** Runs work on the inventory inside an activity that is tried again while its store does not answer. */
export async function keeping<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof EphemeralStoreUnavailable) throw notYet(problems.ephemeralStoreUnavailable);
    throw error;
  }
}

/** The first loss speaks for all of them: most often they have one cause. */
function lossProblem(losses: readonly Loss[]): Problem {
  const [first] = losses;
  if (!first) return problems.internal;
  const others = losses.length > 1 ? ` and ${losses.length - 1} more` : '';
  const { code, message, remedy } = first.problem;
  return { code, message: `${first.path}${others} could not be read: ${message}`, remedy };
}
