import type { InventoryPartition } from '../../stores/inventory/port.ts';

export interface MissingRight {
  /** As the cloud named it; null = it named none. */
  readonly action: string | null;
  /** Since when the first of the lists lacks it. */
  readonly since: string;
  /** How many lists lack it. */
  readonly lists: number;
  /** Where, at most {@link PROJECTS_SHOWN}. */
  readonly projects: readonly string[];
}

const PROJECTS_SHOWN = 50;

/** The rights that these lists lack, those of the most lists first. */
export function missingRights(partitions: readonly InventoryPartition[]): MissingRight[] {
  const lacking = partitions.flatMap(({ project, denied }) => (denied ? [{ project, ...denied }] : []));
  return [...Map.groupBy(lacking, ({ action }) => action)]
    .map(([action, all]) => ({
      action,
      since: all.reduce((least, { since }) => (since < least ? since : least), all[0]?.since ?? ''),
      lists: all.length,
      projects: all.flatMap(({ project }) => project ?? []).slice(0, PROJECTS_SHOWN),
    }))
    .toSorted((one, other) => other.lists - one.lists);
}
