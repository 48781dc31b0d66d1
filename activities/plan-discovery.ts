import type { Json } from '../platform/json.ts';
import type { Inventory } from '../stores/inventory/port.ts';
import type { DiscoveryActivities, ListOutcome, ListRef } from '../workflows/contracts/discovery.ts';
import { listerOf } from './discovery/ask-cloud.ts';
import { keepList, keeping, type DiscoveryDependencies } from './discovery/keep-list.ts';
import { countsOf, tellChanges } from './discovery/tell-changes.ts';
import type { ResourceLister } from './providers/lister.ts';

const PROJECTS_AT_ONCE = 1_000;

/** Every kind at the account, and every kind in every project that is known once the projects have been listed. */
export function createPlanDiscovery(deps: DiscoveryDependencies): DiscoveryActivities['planDiscovery'] {
  return async ({ connection, epoch }) => {
    const { lister } = listerOf(deps, connection);
    const projectList = { kind: lister.projectKind, project: null };
    const outcome = await keepList(
      deps,
      { connection, epoch, list: projectList },
      async (cloud, context) => await cloud.listProjects(context),
    );
    if (outcome.outcome === 'unauthorized' || outcome.outcome === 'dropped') return { outcome, lists: [] };
    return await keeping(async () => {
      const projects = await knownProjects(deps.inventory, connection.id, lister.projectKind);
      const lists = plan(lister, projects);
      if (outcome.outcome !== 'complete') return { outcome, lists };
      const gone = await deps.inventory.retain(connection.id, epoch, [projectList, ...lists]);
      await tellChanges(deps, connection, gone);
      return { outcome: withRemoved(outcome, countsOf(gone).removed), lists };
    });
  };
}

const plan = ({ kinds, projectKind }: ResourceLister, projects: readonly string[]): ListRef[] =>
  kinds
    .filter(({ id }) => id !== projectKind)
    .flatMap(({ id: kind, scope }) => {
      const where = scope === 'account' ? [null] : projects;
      return where.map((project) => ({ kind, project }));
    });

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
