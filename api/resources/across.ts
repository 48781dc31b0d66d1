import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { ConnectionRef } from '../../contracts/connection.ts';
import type { Json } from '../../platform/json.ts';
import type { Inventory, InventoryFilter } from '../../stores/inventory/port.ts';
import { apiProblems } from '../http/problem.ts';
import { resourcesPage, type ResourcesPage } from './freshness.ts';
import type { Resource } from './schema.ts';

/** The most connections that are read for one page, so that a filter with few matches does not read thousands. */
const CONNECTIONS_A_PAGE = 200;

/** Where a page ended: after a row of a connection, or (`after` null) after all its rows. */
const Place = Type.Object({ connection: Type.String(), after: Type.Unknown() });

export interface AcrossFilter extends InventoryFilter {
  readonly provider?: string;
}

/**
 * A page of the resources of several connections, one after the other; they are given in order of their ids. A page may
 * be short, or empty, and have another behind it.
 */
export async function acrossConnections(
  inventory: Pick<Inventory, 'page'>,
  connections: readonly ConnectionRef[],
  { provider, ...filter }: AcrossFilter,
  after: Json | null,
  limit: number,
): Promise<ResourcesPage> {
  const place = after === null ? undefined : placeOf(after);
  const left = connections.filter(
    (each) =>
      (provider === undefined || each.provider === provider) &&
      (!place || each.id > place.connection || (each.id === place.connection && place.after !== null)),
  );
  const items: Resource[] = [];
  for (const [index, connection] of left.entries()) {
    const begun = connection.id === place?.connection ? place.after : null;
    const page = await resourcesPage(inventory, connection, filter, begun, limit - items.length);
    items.push(...page.items);
    if (page.next !== null) return { items, next: { connection: connection.id, after: page.next } };
    const isEnough = items.length >= limit || index + 1 >= CONNECTIONS_A_PAGE;
    if (isEnough) return { items, next: index + 1 < left.length ? { connection: connection.id, after: null } : null };
  }
  return { items, next: null };
}

function placeOf(json: Json): { connection: string; after: Json } {
  if (!Value.Check(Place, json)) throw apiProblems.invalidCursor();
  return { connection: json.connection, after: json.after as Json };
}
