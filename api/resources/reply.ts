import type { InventoryPartition, InventoryRow } from '../../stores/inventory/port.ts';
import type { InventoryReply, Resource } from './schema.ts';

export const resourceReply = (connection: string, { key: _ours, ...row }: InventoryRow): Resource => ({
  connection,
  ...row,
});

/** Partitions by kind. A kind is as fresh as the oldest of its lists. */
export function inventoryReply(partitions: readonly InventoryPartition[]): InventoryReply {
  const kinds = [...Map.groupBy(partitions, ({ kind }) => kind)].map(([kind, all]) => ({
    kind,
    resources: sum(all),
    listedAt: oldest(all.map(({ listedAt }) => listedAt)),
    stale: all.filter(({ stale }) => stale !== null).length,
    partitions: all.map(({ kind: _same, ...partition }) => partition),
  }));
  return { resources: sum(partitions), kinds };
}

const sum = (partitions: readonly InventoryPartition[]): number =>
  partitions.reduce((total, { resources }) => total + resources, 0);

const oldest = (instants: readonly (string | null)[]): string | null =>
  instants.reduce((least, at) => (least === null || at === null ? null : at < least ? at : least));
