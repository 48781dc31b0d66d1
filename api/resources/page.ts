import { Type } from 'typebox';
import type { Json } from '../../platform/json.ts';
import type { Cursors } from '../http/cursor.ts';
import { described } from '../http/schema.ts';
import { ResourceSchema } from './schema.ts';

export const ResourcePage = Type.Object({
  items: Type.Array(described(ResourceSchema)),
  nextCursor: Type.Union([Type.String(), Type.Null()], { description: 'Null on the last page.' }),
});

/** A place in an inventory as a cursor, and back. */
export const sealedPlace = (cursors: Cursors, tenant: string, filters: object, place: Json | null): string | null =>
  place === null ? null : cursors.seal(tenant, filters, Buffer.from(JSON.stringify(place)));

export const openedPlace = (
  cursors: Cursors,
  tenant: string,
  filters: object,
  cursor: string | undefined,
): Json | null =>
  cursor === undefined ? null : (JSON.parse(Buffer.from(cursors.open(tenant, filters, cursor)).toString()) as Json);
