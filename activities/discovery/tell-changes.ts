import type { Json } from '../../platform/json.ts';
import { ephemeralKeys } from '../../stores/ephemeral/keys.ts';
import { EphemeralStoreUnavailable } from '../../stores/ephemeral/port.ts';
import { keepChanges, keepCounted } from '../../stores/inventory/changes.ts';
import { keepCounts } from '../../stores/inventory/counts.ts';
import type { Inventory, InventoryChanges, InventoryRow } from '../../stores/inventory/port.ts';
import type { ConnectionRef } from '../../contracts/connection.ts';
import { sentenceOf } from '../../contracts/discovery-tally.ts';
import type { ChangeCounts, DiscoverySummary } from '../../contracts/discovery.ts';
import { appendEvents, type EventDependencies } from './append-events.ts';

interface Dependencies extends EventDependencies {
  readonly inventory: Pick<Inventory, 'pass' | 'partitions' | 'page'>;
}

/** Longer than a discovery may take. */
const FIRST_DISCOVERY_SECONDS = 7 * 24 * 60 * 60;

/** The first list of a large account would push all other events out of the stream. The summary counts the rest. */
const EVENTS_PER_LIST = 100;

export const countsOf = ({ added, removed, changed }: InventoryChanges): ChangeCounts => ({
  added: added.length,
  removed: removed.length,
  changed: changed.length,
});

/**
 * Appends what changed to the tenant's events, and keeps it among its changes. Best effort, and at most once: a repeated
 * list no longer finds the changes.
 */
export async function tellChanges(
  deps: Dependencies,
  connection: ConnectionRef,
  changes: InventoryChanges,
): Promise<void> {
  const counts = countsOf(changes);
  const { added, removed, changed } = counts;
  if (added + removed + changed === 0) return;
  const single = [
    ...changes.added.map((row) => resourceEvent('resource_added', row, 'was found')),
    ...changes.removed.map((row) => resourceEvent('resource_removed', row, 'is gone')),
    ...changes.changed.map(({ row }) => resourceEvent('resource_changed', row, 'has changed')),
  ].slice(0, EVENTS_PER_LIST);
  const text = `${added} resources added, ${removed} removed, ${changed} changed.`;
  await appendEvents(deps, connection, [
    ...single,
    { event: 'resources_changed', text, ...scopeOf(changes), ...counts },
  ]);
  await bestEffort(deps, connection, async () => {
    // All that an account has when it is connected is one change, which is told when the discovery ends.
    if (await isFirstDiscovery(deps, connection)) {
      await deps.ephemeral.put(ephemeralKeys.firstDiscovery(connection.id), 1, FIRST_DISCOVERY_SECONDS);
    } else {
      await keepChanges(deps, connection, changes);
    }
  });
}

/**
 * Tells the result of a pass to the tenant's events, and keeps how many resources there are now. Best effort; the
 * connection keeps the result in its timeline.
 */
export async function tellPass(deps: Dependencies, connection: ConnectionRef, summary: DiscoverySummary) {
  await appendEvents(deps, connection, [{ event: 'discovered', text: sentenceOf(summary) }]);
  await bestEffort(deps, connection, async () => {
    await keepCounts(deps, connection.id);
    if ((await deps.ephemeral.take(ephemeralKeys.firstDiscovery(connection.id))) === undefined) return;
    await keepCounted(deps, connection, { reason: 'first_discovery', kinds: await foundKinds(deps, connection) });
  });
}

/** No discovery of this inventory has reached its end. */
const isFirstDiscovery = async ({ inventory }: Dependencies, { id }: ConnectionRef): Promise<boolean> =>
  (await inventory.pass(id))?.summary == null;

async function foundKinds({ inventory }: Dependencies, { id }: ConnectionRef): Promise<Record<string, ChangeCounts>> {
  const kinds = [...Map.groupBy(await inventory.partitions(id), ({ kind }) => kind)].map(
    ([kind, all]) => [kind, { added: all.reduce((sum, { resources }) => sum + resources, 0), ...nothingElse }] as const,
  );
  return Object.fromEntries(kinds.filter(([, { added }]) => added > 0));
}

const nothingElse = { removed: 0, changed: 0 };

async function bestEffort({ logger }: Dependencies, { id }: ConnectionRef, tell: () => Promise<void>): Promise<void> {
  try {
    await tell();
  } catch (error) {
    if (!(error instanceof EphemeralStoreUnavailable)) throw error;
    logger.warn(
      { err: error, connection: id },
      'What a discovery changed was not kept: the ephemeral store does not answer.',
    );
  }
}

function resourceEvent(event: string, row: InventoryRow, what: string): { [key: string]: Json } {
  const { kind, project, key, id, name, region, status } = row;
  return {
    event,
    text: `${kind} ${name}${region === null ? '' : ` in ${region}`} ${what}.`,
    resource: { kind, project, key, id, name, region, status },
  };
}

/** The list that all changes belong to; nulls where they belong to several. */
function scopeOf({ added, removed, changed }: InventoryChanges): { kind: string | null; project: string | null } {
  const rows = [...added, ...removed, ...changed.map(({ row }) => row)];
  const [first] = rows;
  const isOne = first && rows.every(({ kind, project }) => kind === first.kind && project === first.project);
  return isOne ? { kind: first.kind, project: first.project } : { kind: null, project: null };
}
