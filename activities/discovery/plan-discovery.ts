import { Context } from '@temporalio/activity';

import type { Json } from '../../platform/json.ts';
import type { Inventory, KeptRow } from '../../stores/inventory/port.ts';
import type { ChangeCounts, DiscoveryActivities, DiscoveryInput, Place } from '../../contracts/discovery.ts';
import type { DiscoveryDependencies } from '../dependencies.ts';
import { withStoreErrors } from '../failures.ts';
import { keepInHeartbeat } from '../heartbeat-details.ts';
import { endPass, tellConnection, type EndPassDependencies } from './finish-discovery.ts';
import type { ListJob, ListJobs } from './list-jobs.ts';
import { jobsOf, makeLists } from './make-lists.ts';
import { countsOf, tellChanges } from './tell-changes.ts';

const PROJECTS_AT_ONCE = 1_000;
/** How many lists an activity makes: few enough for its time, its heartbeat, and another worker to take over. */
const LISTS_PER_SLOT = 12;
const MOST_LISTS = 400;

type Dependencies = DiscoveryDependencies & EndPassDependencies;

/**
 * Begins a pass. The account's own lists are made beside the list of projects, and the lists of the first projects that
 * are known from the pass before. What they bring is written once the list of projects has said that their project is
 * still there, so that there is nothing to take back. New projects follow as soon as they are known. What is left is
 * planned for further activities; where nothing is, the pass is ended here.
 */
export function createPlanDiscovery(deps: Dependencies): DiscoveryActivities['planDiscovery'] {
  const { inventory } = deps;
  return async (input) => {
    const { connection, epoch, trigger, since, concurrency } = input;
    const context = Context.current();
    // Before the first heartbeat, which would otherwise replace the progress of the previous attempt with nothing.
    keepInHeartbeat(context, context.info.heartbeatDetails);
    const last = await withStoreErrors(async () => await inventory.pass(connection.id));
    const summary = last?.summary ?? null;
    if (summary && last?.startedAt === since && last.finishedAt !== null) {
      // An earlier attempt has ended the pass, and its response was lost.
      await tellConnection(deps, input, summary);
      return { outcome: 'ended' };
    }
    const begun = { epoch, trigger, startedAt: since, finishedAt: null, summary };
    const isBegun = await withStoreErrors(async () => await inventory.keepPass(connection.id, begun));
    if (!isBegun) return { outcome: 'dropped' };

    const lists = jobsOf(deps, connection);
    const placesPerActivity = placesFor(lists, concurrency);
    const projects = lists.ofProjects;
    const firstLists = (places: readonly string[]) => places.slice(0, placesPerActivity).flatMap(lists.inPlace);
    const readProjects = async ({ kinds }: ListJob): Promise<KeptRow[]> =>
      await withStoreErrors(async () => await knownProjects(inventory, connection.id, kinds));
    const before = projects ? await readProjects(projects) : [];
    let later: readonly Place[] = [];
    const listed = await makeLists(deps, input, {
      jobs: [...(projects ? [projects] : []), ...lists.inPlace(null)],
      async after(job) {
        if (job !== projects) return undefined;
        const known = await readProjects(job);
        const changes = await dropDeletedProjects(deps, input, lists, known);
        const places = placesOf(known);
        later = places.slice(placesPerActivity);
        return { jobs: firstLists(places), changes };
      },
      expected: projects && { by: projects, jobs: firstLists(placesOf(before)) },
    });
    if (listed.outcome === 'unauthorized') return listed;
    if (listed.outcome === 'dropped') return { outcome: 'dropped' };
    const { tally } = listed;
    if (later.length > 0) return { outcome: 'planned', places: later, placesPerActivity, tally };
    await endPass(deps, input, tally);
    return { outcome: 'ended' };
  };
}

function placesFor(lists: ListJobs, concurrency: number): number {
  const inEach = Math.max(1, lists.inPlace('any').length);
  return Math.max(1, Math.floor(Math.min(LISTS_PER_SLOT * concurrency, MOST_LISTS) / inEach));
}

/** Without those that the list of projects lacks: every one of their lists would fail. */
const placesOf = (projects: readonly KeptRow[]): string[] =>
  projects.filter(({ missingSince }) => missingSince === null).map(({ id }) => id);

/** Includes the projects of the last good list, where this one failed or is partial. */
async function knownProjects(inventory: Inventory, connection: string, kinds: readonly string[]): Promise<KeptRow[]> {
  const [kind = ''] = kinds;
  const projects: KeptRow[] = [];
  let after: Json | null = null;
  do {
    const page = await inventory.page(connection, { kind }, after, PROJECTS_AT_ONCE);
    projects.push(...page.rows);
    after = page.next;
  } while (after !== null);
  return projects;
}

/** Drops the partitions of projects whose own row is gone. A project that lists only lack keeps its row. */
async function dropDeletedProjects(
  deps: Dependencies,
  { connection, epoch }: DiscoveryInput,
  lists: ListJobs,
  known: readonly KeptRow[],
): Promise<ChangeCounts> {
  const { inventory } = deps;
  const places: Place[] = [null, ...known.map(({ id }) => id)];
  const jobs = [...(lists.ofProjects ? [lists.ofProjects] : []), ...places.flatMap(lists.inPlace)];
  const kept = jobs.flatMap(({ kinds, place }) => kinds.map((kind) => ({ kind, project: place })));
  const gone = await withStoreErrors(async () => await inventory.retain(connection.id, epoch, kept));
  await tellChanges(deps, connection, gone);
  return countsOf(gone);
}
