import { Readable } from 'node:stream';
import type { Json } from '../../platform/json.ts';
import type { Inventory, InventoryFilter } from '../../stores/inventory/port.ts';
import type { Resource } from './schema.ts';
import { resourceReply } from './reply.ts';

const ROWS_A_CHUNK = 500;

/**
 * All resources of a connection as text, read while it is being sent: neither side holds them all. The first rows are
 * read before anything is sent, so that a store that does not answer is a problem document and no broken file.
 */
export async function exportStream(
  inventory: Pick<Inventory, 'page'>,
  connection: string,
  filter: InventoryFilter,
  format: { readonly header: string; readonly line: (resource: Resource) => string },
): Promise<Readable> {
  const read = async (after: Json | null) => await inventory.page(connection, filter, after, ROWS_A_CHUNK);
  const first = await read(null);
  async function* chunks(): AsyncGenerator<string> {
    if (format.header !== '') yield format.header;
    for (let page = first; ; page = await read(page.next)) {
      if (page.rows.length > 0) yield page.rows.map((row) => format.line(resourceReply(connection, row))).join('');
      if (page.next === null) return;
    }
  }
  return Readable.from(chunks());
}
