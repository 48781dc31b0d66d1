import { randomUUID } from 'node:crypto';
import type { Problem } from '../../contracts/problem.ts';
import { iso } from '../../contracts/time.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Json } from '../../platform/json.ts';
import { ephemeralKeys } from '../ephemeral/keys.ts';
import type { EphemeralStore, FieldChange } from '../ephemeral/port.ts';
import { keepAbsent } from './absent-rows.ts';
import { byKey, changesBetween } from './differences.ts';
import {
  accessBetween,
  comparePartitions,
  compareRows,
  asPartition,
  asRows,
  deniedFor,
  fieldOf,
  regionsOf,
  staleFor,
  unlisted,
  visible,
  type StoredPartition,
} from './partition.ts';
import { asPass, PASS_FIELD } from './pass.ts';
import type { Inventory, InventoryChanges, InventoryRow, InventoryWrite, KeptRow, WriteResult } from './port.ts';
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

  const rowsOf = async (connection: string, fields: readonly string[]): Promise<readonly KeptRow[]> => {
    const stored = await ephemeral.getFields(ephemeralKeys.inventoryRows(connection), fields);
    return Object.values(stored).flatMap((field) => asRows(field).rows);
  };

  /** Facts and rows of one partition, in one step. */
  const put = async (
    write: InventoryWrite,
    decide: (known: readonly KeptRow[], before: StoredPartition, at: string) => Promise<Decided>,
  ): Promise<WriteResult> => {
    const field = fieldOf(write);
    const known = await rowsOf(write.connection, [field]);
    const before = await factsOf(write);
    const { rows, facts, problem } = await decide(known, before, iso(clock.now()));
    const after = inOrder(rows.map((row) => stamped(row, write)));
    const revision = newId();
    const partition = { ...before, ...facts, resources: after.length, regions: regionsOf(after), revision };
    const isWritten = await change(
      write.connection,
      write.epoch,
      { set: { [field]: asJson(partition) }, unset: [] },
      { set: { [field]: asJson({ revision, rows: after }) }, unset: [] },
    );
    if (!isWritten) return undefined;
    return { ...changesBetween(known, after), access: accessBetween(before, partition), problem };
  };

  return {
    async replace(write, rows, source, { since, witness }) {
      return await put(write, async (known, before, at) => {
        const listed = byKey(rows);
        const absent = known.filter(({ key }) => !listed.has(key));
        const answer = absent.length > 0 && witness ? await witness(absent) : null;
        const kept = keepAbsent(absent, { since, isEmpty: listed.size === 0, emptyIn: before.emptyIn, answer });
        const stale = kept.problem && staleFor(before, kept.problem, at);
        // A list that was answered proves the right to list, unless the witness says that it was lost.
        const denied = kept.refused ? deniedFor(before, kept.refused.denied, at) : null;
        const facts = { source, stale, denied, emptyIn: kept.emptyIn };
        return {
          rows: [...kept.rows, ...rows.map(asListed)],
          facts: kept.isBelieved ? { ...facts, listedAt: at, generation: before.generation + 1 } : facts,
          problem: kept.isBelieved ? null : kept.problem,
        };
      });
    },

    async merge(write, rows, source, problem, denied = null) {
      return await put(write, (known, before, at) => {
        const facts = {
          source,
          stale: staleFor(before, problem, at),
          denied: deniedFor(before, denied, at),
          emptyIn: rows.length > 0 ? [] : before.emptyIn,
        };
        return Promise.resolve({ rows: [...known, ...rows.map(asListed)], facts, problem });
      });
    },

    async markStale(write, problem, denied = null) {
      const at = iso(clock.now());
      const before = await factsOf(write);
      const stale = staleFor(before, problem, at);
      const partition = { ...before, stale, denied: deniedFor(before, denied, at) };
      const facts = { set: { [fieldOf(write)]: asJson(partition) }, unset: [] };
      if (!(await change(write.connection, write.epoch, facts))) return undefined;
      return { ...noChanges, access: accessBetween(before, partition), problem };
    },

    async retain(connection, epoch, partitions) {
      const kept = new Set(partitions.map(fieldOf));
      const unset = (await readPartitions(ephemeral, connection)).map(fieldOf).filter((field) => !kept.has(field));
      const removed = await rowsOf(connection, unset);
      const gone = { set: {}, unset };
      const isWritten = unset.length > 0 && (await change(connection, epoch, gone, gone));
      return { ...noChanges, removed: isWritten ? removed : [] };
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
const inOrder = (rows: readonly KeptRow[]): KeptRow[] => [...byKey(rows).values()].sort(compareRows);

/** What is put in the place of a partition's rows and facts. */
interface Decided {
  /** Of two rows with one key the later one counts. */
  readonly rows: readonly KeptRow[];
  readonly facts: Partial<StoredPartition>;
  readonly problem: Problem | null;
}

const noChanges: InventoryChanges = { added: [], removed: [], changed: [] };

const asListed = (row: InventoryRow): KeptRow => ({ ...row, missingSince: null });

/** A row under another kind or project than its partition's would be skipped by filters and lost between two pages. */
const stamped = (row: KeptRow, { kind, project }: InventoryWrite): KeptRow =>
  row.kind === kind && row.project === project ? row : { ...row, kind, project };
