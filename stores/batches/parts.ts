import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import type { ConnectionRef } from '../../contracts/connection.ts';
import type { JsonObject } from '../../platform/json.ts';
import { Secret } from '../../platform/secret.ts';
import { newRecord } from '../secrets/credential-record.ts';

const Values = Type.Record(Type.String(), Type.String());
const Item = Type.Object({ name: Type.Union([Type.String(), Type.Null()]), label: Type.String(), fields: Values });
const document = Compile(Type.Object({ batch: Type.Object({ common: Values, items: Type.Array(Item) }) }));

/** An item as it is stored until its connection has it. `fields` without those that all items of the part share. */
export type StoredItem = Readonly<Static<typeof Item>>;
export type Values = Readonly<Record<string, string>>;

/** In the gate `pending`: `{batch}/{ref}.{part}`. */
export const partKey = (batchId: string, ref: string, part: number): string => `${batchId}/${ref}.${part}`;

/**
 * Some items. It is a credential record too, so that what an ended batch left is recognised and
 * destroyed like any submission.
 */
export const partOf = (batch: ConnectionRef, common: Values, items: readonly StoredItem[]): Secret<JsonObject> =>
  new Secret<JsonObject>({ ...newRecord(batch), batch: { common, items } as unknown as JsonObject });

/** Undefined for a document that Mooring did not write as a part. */
export function itemIn(part: JsonObject | undefined, position: number): StoredItem | undefined {
  if (!document.Check(part)) return undefined;
  const { common, items } = part.batch;
  const item = items[position];
  return item && { ...item, fields: { ...common, ...item.fields } };
}
