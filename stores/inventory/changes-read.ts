import type { Json } from '../../platform/json.ts';
import { ephemeralKeys } from '../ephemeral/keys.ts';
import {
  CHANGE_DAYS,
  dayOf,
  type ChangeDependencies,
  type ChangeEntry,
  type CountedChanges,
  type ResourceChange,
} from './changes.ts';

export interface ChangesQuery {
  /** Unix milliseconds, inclusive; null = all that is kept. */
  readonly sinceMs: number | null;
  /** Unix milliseconds, exclusive. */
  readonly untilMs: number | null;
  readonly connection: string | undefined;
  readonly kind: string | undefined;
}

/** One resource's change, or what a list counted. */
export interface KeptChange {
  /** Unique, and always the same for this change. */
  readonly id: string;
  readonly at: string;
  readonly connection: string;
  readonly provider: string;
  readonly what: ResourceChange | CountedChanges;
}

export interface ChangesPage {
  readonly changes: readonly KeptChange[];
  /** The cursor of the next page; null = this was the last. A page may be short and have another behind it. */
  readonly next: Json | null;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const ENTRIES_AT_ONCE = 200;
/** The most entries that are read for one page, so that a filter with few matches does not read a whole month. */
const ENTRIES_A_PAGE = 2_000;

/** A day, the entry that was read last (null = none yet), and how many changes of the entry after it. */
type Place = readonly [day: string, after: string | null, index: number];

/** The kept changes, the oldest first. Throws `RangeError` for an invalid cursor, and as the store does. */
export async function readChanges(
  { ephemeral, clock }: ChangeDependencies,
  tenant: string,
  query: ChangesQuery,
  cursor: Json | null,
  limit: number,
): Promise<ChangesPage> {
  const begun = cursor === null ? null : readPlace(cursor);
  const changes: KeptChange[] = [];
  let entriesRead = 0;
  for (const day of daysOf(query, clock.now())) {
    if (begun && day < begun[0]) continue;
    let [after, index]: [string | null, number] = begun?.[0] === day ? [begun[1], begun[2]] : [null, 0];
    for (let isMore = true; isMore;) {
      const stream = ephemeralKeys.changes(tenant, day);
      const entries = await ephemeral.readStream(stream, after, ENTRIES_AT_ONCE);
      for (const { id, value } of entries) {
        const parts = partsOf(asEntry(value), id, query);
        for (; index < parts.length; index++) {
          const part = parts[index];
          if (changes.length >= limit) return { changes, next: [day, after, index] };
          if (part) changes.push(part);
        }
        [after, index] = [id, 0];
      }
      entriesRead += entries.length;
      isMore = entries.length === ENTRIES_AT_ONCE;
      if (isMore && entriesRead >= ENTRIES_A_PAGE) return { changes, next: [day, after, 0] };
    }
  }
  return { changes, next: null };
}

/** The days that the query covers and that are kept, the oldest first. */
function daysOf({ sinceMs, untilMs }: ChangesQuery, nowMs: number): string[] {
  const oldestMs = nowMs - CHANGE_DAYS * DAY_MS;
  const fromMs = Math.max(sinceMs ?? oldestMs, oldestMs);
  // The clock of a worker may be ahead of this one.
  const toMs = Math.min(untilMs ?? Infinity, nowMs + DAY_MS);
  const days: string[] = [];
  for (let atMs = Date.parse(dayOf(fromMs)); atMs <= toMs; atMs += DAY_MS) days.push(dayOf(atMs));
  return days;
}

/** The changes of an entry that the query asks for; null in the place of each other one, so that indexes stay. */
function partsOf(entry: ChangeEntry | undefined, entryId: string, query: ChangesQuery): (KeptChange | null)[] {
  if (!entry) return [];
  const { at, connection, provider, changes, counted } = entry;
  const { sinceMs, untilMs, connection: wanted, kind } = query;
  const atMs = Date.parse(at);
  const isWanted =
    (sinceMs === null || atMs >= sinceMs) &&
    (untilMs === null || atMs < untilMs) &&
    (wanted === undefined || connection === wanted);
  if (!isWanted) return [];
  const kept = (index: number, what: KeptChange['what']): KeptChange => ({
    id: `${at.slice(0, 10)}.${entryId}.${index}`,
    at,
    connection,
    provider,
    what,
  });
  if (counted) {
    const ofKind = countedOf(counted, kind);
    return ofKind ? [kept(0, ofKind)] : [];
  }
  return changes.map((change, index) => (kind === undefined || change.kind === kind ? kept(index, change) : null));
}

/** The counts of the wanted kind alone. Undefined where there are none. */
function countedOf(counted: CountedChanges, kind: string | undefined): CountedChanges | undefined {
  if (kind === undefined) return counted;
  const counts = counted.kinds[kind];
  return counts && { ...counted, kinds: { [kind]: counts } };
}

/** Undefined for an entry that this version did not write. */
function asEntry(value: Json): ChangeEntry | undefined {
  const entry = value as Partial<ChangeEntry> | null;
  return entry?.v === 1 ? (entry as ChangeEntry) : undefined;
}

function readPlace(json: Json): Place {
  const [day, after, index] = Array.isArray(json) && json.length === 3 ? json : [];
  const isPlace =
    typeof day === 'string' &&
    (after === null || typeof after === 'string') &&
    typeof index === 'number' &&
    Number.isInteger(index);
  if (!isPlace) throw new RangeError('This is not a cursor of the changes.');
  return [day, after, index];
}
