import { iso } from '../../contracts/time.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Json } from '../../platform/json.ts';
import { ephemeralKeys } from '../ephemeral/keys.ts';
import type { EphemeralStore } from '../ephemeral/port.ts';
import type { Inventory, InventoryPartition } from './port.ts';

/** How many resources a connection has. Kept beside its inventory, so that thousands of connections add up quickly. */
export interface ResourceCounts {
  readonly v: 1;
  readonly at: string;
  readonly resources: number;
  /** By kind, then by region; `NO_REGION` for resources without one. */
  readonly kinds: Readonly<Record<string, RegionCounts>>;
  /** Lists that are older than the last try. */
  readonly stale: number;
  /** Lists that the credential has no right to make. */
  readonly denied: number;
}

type RegionCounts = Readonly<Record<string, number>>;

export interface CountDependencies {
  readonly ephemeral: Pick<EphemeralStore, 'get' | 'put' | 'putIfAbsent'>;
  readonly inventory: Pick<Inventory, 'partitions'>;
  readonly clock: Clock;
}

const KEPT_SECONDS = 30 * 24 * 60 * 60;
/** Counts that a reader makes: a discovery may change them at any moment. */
const READ_SECONDS = 60;

/** Counts what the inventory has of a connection, and keeps it for readers. After each discovery that brought news. */
export async function keepCounts(deps: CountDependencies, connection: string): Promise<void> {
  const counts = await countResources(deps, connection);
  await deps.ephemeral.put(ephemeralKeys.resourceCounts(connection), counts as unknown as Json, KEPT_SECONDS);
}

/** The counts as of the last discovery that brought news; where none are kept, those of this moment. */
export async function readCounts(deps: CountDependencies, connection: string): Promise<ResourceCounts> {
  const key = ephemeralKeys.resourceCounts(connection);
  const kept = (await deps.ephemeral.get(key)) as unknown as ResourceCounts | null | undefined;
  if (kept?.v === 1) return kept;
  const counts = await countResources(deps, connection);
  // Not over counts that a discovery keeps at this moment: they are newer.
  await deps.ephemeral.putIfAbsent(key, counts as unknown as Json, READ_SECONDS);
  return counts;
}

async function countResources(
  { inventory, clock }: Pick<CountDependencies, 'inventory' | 'clock'>,
  connection: string,
): Promise<ResourceCounts> {
  const partitions = await inventory.partitions(connection);
  return {
    v: 1,
    at: iso(clock.now()),
    resources: partitions.reduce((sum, { resources }) => sum + resources, 0),
    kinds: byKind(partitions),
    stale: partitions.filter(({ stale }) => stale !== null).length,
    denied: partitions.filter(({ denied }) => denied !== null).length,
  };
}

function byKind(partitions: readonly InventoryPartition[]): Record<string, Record<string, number>> {
  const kinds: Record<string, Record<string, number>> = {};
  for (const { kind, regions } of partitions) {
    for (const [region, count] of Object.entries(regions)) {
      const counted = (kinds[kind] ??= {});
      counted[region] = (counted[region] ?? 0) + count;
    }
  }
  return kinds;
}
