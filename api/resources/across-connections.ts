import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Json } from '../../platform/json.ts';
import type { Inventory, InventoryFilter, InventoryRow } from '../../stores/inventory/port.ts';
import { apiProblems } from '../http/problem.ts';

/** How many connections one page reads at most: a rare word must not make one request read thousands. */
const CONNECTIONS_A_PAGE = 200;

/** Where a page ended: behind a row of a connection, or (`after` null) behind all of it. */
const Place = Type.Object({ connection: Type.String(), after: Type.Unknown() });

export interface AcrossPage {
  readonly found: readonly { readonly connection: string; readonly row: InventoryRow }[];
  /** Null = that was all. A page may be short, or empty, and have another behind it. */
  readonly next: Json | null;
}

/** A page of the resources of several connections, one after the other. `ids` are in order. */
export async function acrossConnections(
  inventory: Pick<Inventory, 'page'>,
  ids: readonly string[],
  filter: InventoryFilter,
  after: Json | null,
  limit: number,
): Promise<AcrossPage> {
  const place = after === null ? undefined : placeOf(after);
  const left = place
    ? ids.filter((id) => id > place.connection || (id === place.connection && place.after !== null))
    : ids;
  const found: AcrossPage['found'][number][] = [];
  for (const [index, connection] of left.entries()) {
    const begun = connection === place?.connection ? place.after : null;
    const page = await inventory.page(connection, filter, begun, limit - found.length);
    found.push(...page.rows.map((row) => ({ connection, row })));
    if (page.next !== null) return { found, next: { connection, after: page.next } };
    const isEnough = found.length >= limit || index + 1 >= CONNECTIONS_A_PAGE;
    if (isEnough) return { found, next: index + 1 < left.length ? { connection, after: null } : null };
  }
  return { found, next: null };
}

function placeOf(json: Json): { connection: string; after: Json } {
  if (!Value.Check(Place, json)) throw apiProblems.invalidCursor();
  return { connection: json.connection, after: json.after as Json };
}
