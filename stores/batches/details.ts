import Type from 'typebox';
import { Compile } from 'typebox/compile';
import type { ItemDetails } from '../../contracts/batches.ts';
import { nullable } from '../../platform/schema.ts';
import type { Json } from '../../platform/json.ts';
import { ephemeralKeys } from '../ephemeral/keys.ts';
import type { EphemeralStore } from '../ephemeral/port.ts';

/** Longer than a batch takes items. */
const TTL_SECONDS = 120 * 24 * 60 * 60;
/** Fields in one change. */
const AT_ONCE = 500;

const details = Compile(
  Type.Object({
    label: nullable(Type.String()),
    connection: nullable(Type.String()),
    problem: nullable(Type.Object({ code: Type.String(), message: Type.String(), remedy: Type.String() })),
  }),
);

/** What readers are shown of items beside their outcome. It may be lost: the outcome and the connection tell the same. */
export interface BatchDetails {
  putLabels(batchId: string, from: number, labels: readonly string[]): Promise<void>;
  put(batchId: string, items: ReadonlyMap<number, ItemDetails>): Promise<void>;
  /** Of these items; an item of which nothing is kept is left out. */
  read(batchId: string, indexes: readonly number[]): Promise<ReadonlyMap<number, ItemDetails>>;
}

/** Every method rejects as the ephemeral store does. */
export function createBatchDetails(ephemeral: Pick<EphemeralStore, 'getFields' | 'changeFields'>): BatchDetails {
  const put = async (batchId: string, key: string, fields: readonly (readonly [string, Json])[]): Promise<void> => {
    // The fence is never raised: nothing refuses these writes.
    const fence = { key: ephemeralKeys.batchFence(batchId), below: 1 };
    for (let from = 0; from < fields.length; from += AT_ONCE) {
      const set = Object.fromEntries(fields.slice(from, from + AT_ONCE));
      await ephemeral.changeFields([{ key, set, unset: [] }], fence, TTL_SECONDS);
    }
  };
  return {
    async putLabels(batchId, from, labels) {
      const fields = labels.map((label, n) => [String(from + n), label] as const);
      await put(batchId, ephemeralKeys.batchLabels(batchId), fields);
    },
    async put(batchId, items) {
      const fields = [...items].map(([index, item]) => [String(index), item as unknown as Json] as const);
      await put(batchId, ephemeralKeys.batchItems(batchId), fields);
    },
    async read(batchId, indexes) {
      const names = indexes.map(String);
      const [labels, items] = await Promise.all([
        ephemeral.getFields(ephemeralKeys.batchLabels(batchId), names),
        ephemeral.getFields(ephemeralKeys.batchItems(batchId), names),
      ]);
      return new Map(
        indexes.flatMap((index) => {
          const given = labels[String(index)];
          const item = items[String(index)];
          const known = details.Check(item) ? item : { label: null, connection: null, problem: null };
          const label = known.label ?? (typeof given === 'string' ? given : null);
          const isKept = label !== null || known.connection !== null || known.problem !== null;
          return isKept ? [[index, { ...known, label }] as const] : [];
        }),
      );
    },
  };
}
