import type { InventoryRow } from '../../stores/inventory/port.ts';
import type { ListingSource, Resource } from '../../providers/listing/lister.ts';

/** What the inventory keeps of a resource. `raw` is left out: nobody reads it, and it is ten times the rest. */
export function inventoryRow(resource: Resource, source: ListingSource): InventoryRow {
  const { key, kind, id, name, region, status, url, summary } = resource;
  return { key, kind, project: resource.projectId, id, name, region, status, url, source, summary };
}
