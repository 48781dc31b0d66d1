import type { Json } from '../../platform/json.ts';
import type { Cursors } from '../http/cursor.ts';

/** A place in a list of the inventory as a cursor, and back; null = the beginning, or that there is no next page. */
export const createPlaces = (cursors: Cursors) => ({
  seal: (tenant: string, filters: object, place: Json | null): string | null =>
    place === null ? null : cursors.seal(tenant, filters, Buffer.from(JSON.stringify(place))),

  /** Throws `invalid_cursor`. */
  open: (tenant: string, filters: object, cursor: string | undefined): Json | null =>
    cursor === undefined ? null : (JSON.parse(Buffer.from(cursors.open(tenant, filters, cursor)).toString()) as Json),
});
