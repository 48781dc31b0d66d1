import { cancellationSignal, Context } from '@temporalio/activity';
import type { Json } from '../platform/json.ts';
import type { Inventory } from '../stores/inventory/port.ts';
import type { DiscoveryActivities, ListOutcome, ListRef, Place } from '../contracts/discovery.ts';
import { failedList } from '../contracts/discovery-tally.ts';
import { problems } from '../contracts/problem.ts';
import { listerOf } from './discovery/ask-cloud.ts';
import type { DiscoveryDependencies } from './discovery/dependencies.ts';
import { countsOf, tellChanges } from './discovery/tell-changes.ts';
import { keeping, tryList } from './discovery/try-list.ts';
import { notYet } from './failures.ts';
import { kindsIn } from './list-project.ts';
import type { ResourceLister } from '../providers/listing/lister.ts';

const PROJECTS_AT_ONCE = 1_000;
/** From when the activity was scheduled; below its time-out. */
const BUDGET_MS = 20 * 60 * 1000;

const dropped: ListOutcome = { ...failedList(problems.internal), outcome: 'dropped', problem: null };

/** The account, and every project that is known once the projects have been listed. */
export function createPlanDiscovery(deps: DiscoveryDependencies): DiscoveryActivities['planDiscovery'] {
  const { inventory } = deps;
  return async ({ connection, epoch, trigger, since }) => {
    const { attempt, scheduledTimestampMs } = Context.current().info;
    const signal = cancellationSignal();
    const { lister } = listerOf(deps, connection);
    const isBegun = await keeping(async () => {
      const before = await inventory.pass(connection.id);
      const summary = before?.summary ?? null;
      return await inventory.keepPass(connection.id, { epoch, trigger, startedAt: since, finishedAt: null, summary });
    });
    if (!isBegun) return { outcome: dropped, places: [] };
    const list = { kind: lister.projectKind, project: null };
    const noTryAfterMs = scheduledTimestampMs + BUDGET_MS;
    const one = { connection, epoch, list, tries: attempt, noTryAfterMs, signal };
    const outcome = await tryList(deps, one, async (cloud, context) => await cloud.listProjects(context));
    if (outcome.outcome === 'not_yet') throw notYet(outcome.problem, outcome.retryInSeconds);
    if (outcome.outcome === 'unauthorized' || outcome.outcome === 'dropped') return { outcome, places: [] };
    return await keeping(async () => {
      const projects = await knownProjects(inventory, connection.id, lister.projectKind);
      const places = [...projects, null].filter((place) => kindsIn(lister, place).length > 0);
      if (outcome.outcome !== 'complete') return { outcome, places };
      const gone = await inventory.retain(connection.id, epoch, [list, ...listsIn(lister, places)]);
      await tellChanges(deps, connection, gone);
      return { outcome: withRemoved(outcome, countsOf(gone).removed), places };
    });
  };
}

const listsIn = (lister: ResourceLister, places: readonly Place[]): ListRef[] =>
  places.flatMap((project) => kindsIn(lister, project).map((kind) => ({ kind, project })));

/** Also those of the last good list, where this one failed or is partial. */
async function knownProjects(inventory: Inventory, connection: string, kind: string): Promise<string[]> {
  const projects: string[] = [];
  let after: Json | null = null;
  do {
    const page = await inventory.page(connection, { kind }, after, PROJECTS_AT_ONCE);
    projects.push(...page.rows.map(({ id }) => id));
    after = page.next;
  } while (after !== null);
  return projects;
}

function withRemoved(outcome: ListOutcome, removed: number): ListOutcome {
  return { ...outcome, changes: { ...outcome.changes, removed: outcome.changes.removed + removed } };
}
