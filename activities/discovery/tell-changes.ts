import type { Json } from '../../platform/json.ts';
import { ephemeralKeys } from '../../stores/ephemeral/keys.ts';
import { eventStream } from '../../stores/ephemeral/news.ts';
import { EphemeralStoreUnavailable } from '../../stores/ephemeral/port.ts';
import type { InventoryChanges, InventoryRow } from '../../stores/inventory/port.ts';
import type { ConnectionRef } from '../../contracts/connection.ts';
import { sentenceOf } from '../../contracts/discovery-tally.ts';
import type { ChangeCounts, DiscoverySummary } from '../../contracts/discovery.ts';
import { iso } from '../../contracts/time.ts';
import type { ActivityDependencies } from '../dependencies.ts';

type Dependencies = Pick<ActivityDependencies, 'ephemeral' | 'clock' | 'logger'>;

/** The first list of a large account would push all other events out of the stream. The summary counts the rest. */
const EVENTS_PER_LIST = 100;

export const countsOf = ({ added, removed, changed }: InventoryChanges): ChangeCounts => ({
  added: added.length,
  removed: removed.length,
  changed: changed.length,
});

/**
 * Appends what changed to the tenant's events. Best effort, and at most once: a repeated list no longer finds the
 * changes.
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
    ...changes.changed.map((row) => resourceEvent('resource_changed', row, 'has changed')),
  ].slice(0, EVENTS_PER_LIST);
  const text = `${added} resources added, ${removed} removed, ${changed} changed.`;
  await append(deps, connection, [...single, { event: 'resources_changed', text, ...scopeOf(changes), ...counts }]);
}

/** Appends the result of a pass to the tenant's events. Best effort; the connection keeps it in its timeline. */
export async function tellPass(deps: Dependencies, connection: ConnectionRef, summary: DiscoverySummary) {
  await append(deps, connection, [{ event: 'discovered', text: sentenceOf(summary) }]);
}

async function append(
  { ephemeral, clock, logger }: Dependencies,
  { id, tenant, provider }: ConnectionRef,
  events: readonly { readonly [key: string]: Json }[],
): Promise<void> {
  const about = { connection: id, provider, at: iso(clock.now()) };
  try {
    for (const event of events) {
      await ephemeral.append(ephemeralKeys.events(tenant), { ...about, ...event }, eventStream);
    }
  } catch (error) {
    if (!(error instanceof EphemeralStoreUnavailable)) throw error;
    logger.warn(
      { err: error, connection: id },
      'What a discovery found was not published: the ephemeral store does not answer.',
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
  const rows = [...added, ...removed, ...changed];
  const [first] = rows;
  const isOne = first && rows.every(({ kind, project }) => kind === first.kind && project === first.project);
  return isOne ? { kind: first.kind, project: first.project } : { kind: null, project: null };
}
