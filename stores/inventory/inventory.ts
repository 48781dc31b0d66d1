import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { iso } from '../../contracts/time.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Json } from '../../platform/json.ts';
import { ephemeralKeys } from '../ephemeral/keys.ts';
import type { EphemeralStore, FieldChange } from '../ephemeral/port.ts';
import {
  comparePartitions,
  compareRows,
  asPartition,
  asRows,
  fieldOf,
  staleFor,
  unlisted,
  visible,
  type StoredPartition,
} from './partition.ts';
import { asPass, PASS_FIELD } from './pass.ts';
import type { Inventory, InventoryRow, InventoryWrite, WriteResult, InventoryChanges } from './port.ts';
import { createPage, readPartitions, createRowCache } from './read.ts';

export interface InventoryDependencies {
  readonly ephemeral: EphemeralStore;
  readonly clock: Clock;
  /** Names revisions. */
  readonly newId?: () => string;
  /** Rows kept parsed in this process, about 1 kB each. */
  readonly maxCachedRows?: number;
}

/** From the last write, so that a connection without discovery leaves nothing behind. */
const TTL_SECONDS = 30 * 24 * 60 * 60;
const MAX_CACHED_ROWS = 100_000;

/**
 * Each connection has two keys, both with one field for each partition: the first has its facts, the second its rows.
 * So partitions can be listed without rows, both change in one step, and a drop deletes everything. The newest pass is
 * a field of the first key.
 */
export function createInventory(deps: InventoryDependencies): Inventory {
  const { ephemeral, clock, newId = randomUUID, maxCachedRows = MAX_CACHED_ROWS } = deps;

  const change = async (
    connection: string,
    epoch: number,
    facts: Omit<FieldChange, 'key'>,
    rows?: Omit<FieldChange, 'key'>,
  ): Promise<boolean> => {
    const changes = [
      { key: ephemeralKeys.inventory(connection), ...facts },
      { key: ephemeralKeys.inventoryRows(connection), ...(rows ?? { set: {}, unset: [] }) },
    ];
    const fence = { key: ephemeralKeys.inventoryDropped(connection), below: epoch };
    return await ephemeral.changeFields(changes, fence, TTL_SECONDS);
  };

  const factsOf = async (write: InventoryWrite): Promise<StoredPartition> => {
    const field = fieldOf(write);
    const facts = (await ephemeral.getFields(ephemeralKeys.inventory(write.connection), [field]))[field];
    return facts === undefined ? unlisted(write) : asPartition(facts);
  };

  const rowsOf = async (connection: string, fields: readonly string[]): Promise<readonly InventoryRow[]> => {
    const stored = await ephemeral.getFields(ephemeralKeys.inventoryRows(connection), fields);
    return Object.values(stored).flatMap((field) => asRows(field).rows);
  };

  /** Facts and rows of one partition, in one step. */
  const put = async (
    write: InventoryWrite,
    rows: readonly InventoryRow[],
    facts: (before: StoredPartition) => Omit<StoredPartition, 'revision' | 'resources'>,
    combine: (known: readonly InventoryRow[]) => InventoryRow[],
  ): Promise<WriteResult> => {
    const field = fieldOf(write);
    const before = await rowsOf(write.connection, [field]);
    const after = combine(before);
    const revision = newId();
    const partition = { ...facts(await factsOf(write)), resources: after.length, revision };
    const isWritten = await change(
      write.connection,
      write.epoch,
      { set: { [field]: asJson(partition) }, unset: [] },
      { set: { [field]: asJson({ revision, rows: after }) }, unset: [] },
    );
    return isWritten ? changesBetween(before, after) : undefined;
  };

  return {
    async replace(write, rows, source) {
      const listedAt = iso(clock.now());
      return await put(
        write,
        rows,
        (before) => ({ ...before, generation: before.generation + 1, listedAt, source, stale: null }),
        () => inOrder(rows),
      );
    },

    async merge(write, rows, source, problem) {
      const at = iso(clock.now());
      return await put(
        write,
        rows,
        (before) => ({ ...before, source, stale: staleFor(before, problem, at) }),
        (known) => merged(known, rows),
      );
    },

    async markStale(write, problem) {
      const before = await factsOf(write);
      const partition = { ...before, stale: staleFor(before, problem, iso(clock.now())) };
      return await change(write.connection, write.epoch, { set: { [fieldOf(write)]: asJson(partition) }, unset: [] });
    },

    async retain(connection, epoch, partitions) {
      const kept = new Set(partitions.map(fieldOf));
      const unset = (await readPartitions(ephemeral, connection)).map(fieldOf).filter((field) => !kept.has(field));
      const removed = await rowsOf(connection, unset);
      const gone = { set: {}, unset };
      const isWritten = unset.length > 0 && (await change(connection, epoch, gone, gone));
      return { added: [], removed: isWritten ? removed : [], changed: [] };
    },

    async drop(connection, epoch) {
      const fence = ephemeralKeys.inventoryDropped(connection);
      const fenced = await ephemeral.get(fence);
      // The fence first: writes before it are deleted below, and writes after it are refused.
      await ephemeral.put(fence, Math.max(epoch, typeof fenced === 'number' ? fenced : epoch), TTL_SECONDS);
      await ephemeral.delete(ephemeralKeys.inventory(connection));
      await ephemeral.delete(ephemeralKeys.inventoryRows(connection));
    },

    async keepPass(connection, pass) {
      return await change(connection, pass.epoch, { set: { [PASS_FIELD]: asJson(pass) }, unset: [] });
    },

    async pass(connection) {
      return asPass((await ephemeral.getFields(ephemeralKeys.inventory(connection), [PASS_FIELD]))[PASS_FIELD]);
    },

    async partitions(connection) {
      return (await readPartitions(ephemeral, connection)).sort(comparePartitions).map(visible);
    },

    page: createPage(ephemeral, createRowCache(maxCachedRows)),
  };
}

const asJson = (value: object): Json => value as unknown as Json;

/** In order, with one row for each key, because a cloud may name a resource twice in one list. */
const inOrder = (rows: readonly InventoryRow[]): InventoryRow[] => [...byKey(rows).values()].sort(compareRows);

/** The known rows, updated with those that were seen. */
const merged = (known: readonly InventoryRow[], seen: readonly InventoryRow[]): InventoryRow[] =>
  inOrder([...known, ...seen]);

/** What differs between two lists of one partition. */
function changesBetween(before: readonly InventoryRow[], after: readonly InventoryRow[]): InventoryChanges {
  const [old, now] = [byKey(before), byKey(after)];
  return {
    added: after.filter(({ key }) => !old.has(key)),
    removed: before.filter(({ key }) => !now.has(key)),
    changed: after.filter((row) => {
      const previous = old.get(row.key);
      return previous !== undefined && !isSame(previous, row);
    }),
  };
}

/** Without `source`: it says how the resource was listed, not what it is. */
const isSame = ({ source: _before, ...a }: InventoryRow, { source: _now, ...b }: InventoryRow): boolean =>
  isDeepStrictEqual(a, b);

const byKey = (rows: readonly InventoryRow[]): Map<string, InventoryRow> => new Map(rows.map((row) => [row.key, row]));
