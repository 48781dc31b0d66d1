import { cancellationSignal, Context } from '@temporalio/activity';

import type { Json } from '../../platform/json.ts';
import type { Inventory } from '../../stores/inventory/port.ts';
import { emptyTally, failedList, summed, tallied } from '../../contracts/discovery-tally.ts';
import type { DiscoveryActivities, DiscoveryPlanned, ListOutcome, ListRef, Place } from '../../contracts/discovery.ts';
import { problems } from '../../contracts/problem.ts';
import type { ResourceLister } from '../../providers/listing/lister.ts';
import type { DiscoveryDependencies } from '../dependencies.ts';
import { notYet, withStoreErrors } from '../failures.ts';
import { keepInHeartbeat } from '../heartbeat-details.ts';
import { listerOf } from './ask-cloud.ts';
import { endPass, tellConnection, type EndPassDependencies, type Pass } from './finish-discovery.ts';
import { kindsIn, listPlace } from './list-project.ts';
import { countsOf, tellChanges } from './tell-changes.ts';
import { tryList } from './try-list.ts';

const PROJECTS_AT_ONCE = 1_000;
/** From when the activity was scheduled; below its timeout. */
const BUDGET_MS = 20 * 60 * 1000;

/** For a connection that has ended: nothing is listed for it any more. */
const nothingFound: DiscoveryPlanned = {
  outcome: { ...failedList(problems.internal), outcome: 'dropped', problem: null },
  places: [],
  hasEnded: false,
};

type Dependencies = DiscoveryDependencies & EndPassDependencies;

/** Plans lists of the account, and of every project that is known once the projects have been listed. */
export function createPlanDiscovery(deps: Dependencies): DiscoveryActivities['planDiscovery'] {
  const { inventory } = deps;
  return async ({ concurrency, ...pass }) => {
    const { connection, epoch, trigger, since } = pass;
    const context = Context.current();
    const { attempt, scheduledTimestampMs, heartbeatDetails } = context.info;
    // An account without projects is listed here too, so the progress of the previous attempt is kept until then.
    keepInHeartbeat(context, heartbeatDetails);
    const signal = cancellationSignal();
    const { lister } = listerOf(deps, connection);
    const before = await withStoreErrors(async () => await inventory.pass(connection.id));
    const summary = before?.summary ?? null;
    if (summary && before?.startedAt === since && before.finishedAt !== null) {
      // An earlier attempt has ended the pass, and its response was lost.
      await tellConnection(deps, pass, summary);
      return { ...nothingFound, hasEnded: true };
    }
    const isBegun = await withStoreErrors(
      async () =>
        await inventory.keepPass(connection.id, { epoch, trigger, startedAt: since, finishedAt: null, summary }),
    );
    if (!isBegun) return nothingFound;
    const list = { kind: lister.projectKind, project: null };
    const noTryAfterMs = scheduledTimestampMs + BUDGET_MS;
    const one = { connection, epoch, list, tries: attempt, noTryAfterMs, signal };
    const outcome = await tryList(deps, one, async (cloud, asked) => await cloud.listProjects(asked));
    if (outcome.outcome === 'not_yet') throw notYet(outcome.problem, outcome.retryInSeconds);
    if (outcome.outcome === 'unauthorized' || outcome.outcome === 'dropped') return { ...nothingFound, outcome };
    const plan = await withStoreErrors(async () => await planOf(deps, pass, lister, outcome));
    return plan.places.every((place) => place === null)
      ? await listAccount(deps, pass, { plan, listsAtOnce: concurrency, noTryAfterMs })
      : plan;
  };
}

async function planOf(
  deps: Dependencies,
  { connection, epoch }: Pass,
  lister: ResourceLister,
  outcome: ListOutcome,
): Promise<DiscoveryPlanned> {
  const { inventory } = deps;
  const projects = await knownProjects(inventory, connection.id, lister.projectKind);
  const places = [...projects, null].filter((place) => kindsIn(lister, place).length > 0);
  if (outcome.outcome !== 'complete') return { outcome, places, hasEnded: false };
  const list = { kind: lister.projectKind, project: null };
  const gone = await inventory.retain(connection.id, epoch, [list, ...listsIn(lister, places)]);
  await tellChanges(deps, connection, gone);
  return { outcome: withRemoved(outcome, countsOf(gone).removed), places, hasEnded: false };
}

/** Ends the pass of an account without projects here, which saves an activity and two workflow tasks. */
async function listAccount(
  deps: Dependencies,
  pass: Pass,
  of: { readonly plan: DiscoveryPlanned; readonly listsAtOnce: number; readonly noTryAfterMs: number },
): Promise<DiscoveryPlanned> {
  const { connection, epoch } = pass;
  const { plan, listsAtOnce, noTryAfterMs } = of;
  let tally = tallied(emptyTally, plan.outcome);
  if (plan.places.length > 0) {
    const listed = await listPlace(deps, { connection, epoch, place: null, listsAtOnce }, noTryAfterMs);
    if (listed.outcome === 'unauthorized') {
      const refused = { ...failedList(listed.problem), outcome: 'unauthorized' } as const;
      return { ...nothingFound, outcome: refused };
    }
    if (listed.outcome === 'dropped') return nothingFound;
    tally = summed(tally, listed.tally);
  }
  await endPass(deps, pass, tally);
  return { ...plan, places: [], hasEnded: true };
}

const listsIn = (lister: ResourceLister, places: readonly Place[]): ListRef[] =>
  places.flatMap((project) => kindsIn(lister, project).map((kind) => ({ kind, project })));

/** Includes the projects of the last good list, where this one failed or is partial. */
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
