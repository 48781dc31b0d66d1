import type { ConnectionRef } from '../../contracts/connection.ts';
import type { Json } from '../../platform/json.ts';
import type { Inventory, InventoryFilter, InventoryPage } from '../../stores/inventory/port.ts';
import { resourceReply, type Resource } from './schema.ts';

export interface ResourcesPage {
  readonly items: readonly Resource[];
  readonly next: InventoryPage['next'];
}

/** A page of rows as the API shows them; rows of a list that is older than the last try say so themselves. */
export async function resourcesPage(
  inventory: Pick<Inventory, 'page'>,
  connection: Pick<ConnectionRef, 'id' | 'provider'>,
  filter: InventoryFilter,
  after: Json | null,
  limit: number,
): Promise<ResourcesPage> {
  const { rows, partitions, next } = await inventory.page(connection.id, filter, after, limit);
  const stale = new Map(partitions.map((partition) => [placeOf(partition), partition.stale]));
  return { items: rows.map((row) => resourceReply(connection, row, stale.get(placeOf(row)) ?? null)), next };
}

const placeOf = ({ kind, project }: { readonly kind: string; readonly project: string | null }): string =>
  JSON.stringify([kind, project]);
