import type { ConnectionRef } from '../../contracts/connection.ts';
import type { ChangeCounts } from '../../contracts/discovery.ts';
import { iso } from '../../contracts/time.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Json } from '../../platform/json.ts';
import { ephemeralKeys } from '../ephemeral/keys.ts';
import type { EphemeralStore } from '../ephemeral/port.ts';
import type { ChangedRow, InventoryChanges, InventoryRow } from './port.ts';

/** What happened to one resource. */
export interface ResourceChange {
  readonly change: 'added' | 'removed' | 'changed';
  readonly kind: string;
  readonly project: string | null;
  readonly id: string;
  readonly name: string;
  readonly region: string | null;
  /** Of a resource that has changed: what differs. */
  readonly fields: ChangedRow['fields'];
}

/** What one list found, or a part of it. It is stored as one entry. */
export interface ChangeEntry {
  readonly v: 1;
  readonly at: string;
  readonly connection: string;
  readonly provider: string;
  readonly changes: readonly ResourceChange[];
  /** Instead of the changes: how many there are of each kind. */
  readonly counted: CountedChanges | null;
}

export interface CountedChanges {
  /** `first_discovery`: all that was found in the account. `too_many`: more than is kept one by one. */
  readonly reason: 'first_discovery' | 'too_many';
  readonly kinds: Readonly<Record<string, ChangeCounts>>;
}

export interface ChangeDependencies {
  readonly ephemeral: EphemeralStore;
  readonly clock: Clock;
}

export const CHANGE_DAYS = 30;
const DAY_SECONDS = 24 * 60 * 60;
/** From the last entry of a day, so that the day is still there when it is the oldest one that is shown. */
const TTL_SECONDS = (CHANGE_DAYS + 1) * DAY_SECONDS;
/** Changes in an entry. Each entry is one call to the store. */
const CHANGES_PER_ENTRY = 100;
/**
 * What one connection, and one tenant, may use on one day, in bytes of JSON: a list that goes up and down must not push
 * out what others found. Then changes are counted, and not kept one by one.
 */
const CONNECTION_BYTES = 256 * 1024;
const TENANT_BYTES = 8 * 1024 * 1024;
/** For counts, beyond that. */
const RESERVE = 1.25;
/** The bytes set the limit; an entry is never so small that more than this fit. */
const ENTRIES_PER_DAY = 100_000;
const FIELDS_PER_CHANGE = 20;
const LONGEST_VALUE = 300;

/** The UTC day of a time, e.g. `2026-11-30`: each tenant has one stream a day, which expires as a whole. */
export const dayOf = (atMs: number): string => iso(atMs).slice(0, 10);

/**
 * Keeps what a list changed, for {@link CHANGE_DAYS} days. A tenant or connection that has used up its share of the day
 * gets counts instead, and in the end nothing. Rejects as the store does.
 */
export async function keepChanges(
  deps: ChangeDependencies,
  connection: ConnectionRef,
  changes: InventoryChanges,
): Promise<void> {
  const single = [
    ...changes.added.map((row) => changeOf('added', row)),
    ...changes.removed.map((row) => changeOf('removed', row)),
    ...changes.changed.map(({ row, fields }) => changeOf('changed', row, fields)),
  ];
  if (single.length === 0) return;
  const entries = chunks(single).map((part) => entryOf(deps, connection, part, null));
  if (await takeShare(deps, connection, entries, 1)) {
    for (const entry of entries) await append(deps, connection, entry);
    return;
  }
  await keepCounted(deps, connection, { reason: 'too_many', kinds: countsByKind(single) });
}

/** Keeps how much was found or has changed, as one entry. */
export async function keepCounted(
  deps: ChangeDependencies,
  connection: ConnectionRef,
  counted: CountedChanges,
): Promise<void> {
  const entry = entryOf(deps, connection, [], counted);
  if (await takeShare(deps, connection, [entry], RESERVE)) await append(deps, connection, entry);
}

async function append({ ephemeral }: ChangeDependencies, { tenant }: ConnectionRef, entry: ChangeEntry) {
  const stream = ephemeralKeys.changes(tenant, entry.at.slice(0, 10));
  await ephemeral.append(stream, entry as unknown as Json, { keep: ENTRIES_PER_DAY, ttlSeconds: TTL_SECONDS });
}

/** Takes the bytes of the entries from the shares of connection and tenant, or nothing where they do not fit. */
async function takeShare(
  { ephemeral, clock }: ChangeDependencies,
  { id, tenant }: ConnectionRef,
  entries: readonly ChangeEntry[],
  stretch: number,
): Promise<boolean> {
  const bytes = entries.reduce((sum, entry) => sum + Buffer.byteLength(JSON.stringify(entry)), 0);
  const day = dayOf(clock.now());
  const shares = [
    { key: ephemeralKeys.changesOfConnection(id, day), most: CONNECTION_BYTES * stretch },
    { key: ephemeralKeys.changesOfTenant(tenant, day), most: TENANT_BYTES * stretch },
  ];
  const taken: string[] = [];
  for (const { key, most } of shares) {
    taken.push(key);
    const { count } = await ephemeral.increment(key, 2 * DAY_SECONDS, bytes);
    if (count <= most) continue;
    for (const each of taken) await ephemeral.increment(each, 2 * DAY_SECONDS, -bytes);
    return false;
  }
  return true;
}

const entryOf = (
  { clock }: ChangeDependencies,
  { id, provider }: ConnectionRef,
  changes: readonly ResourceChange[],
  counted: CountedChanges | null,
): ChangeEntry => ({ v: 1, at: iso(clock.now()), connection: id, provider, changes, counted });

function changeOf(
  change: ResourceChange['change'],
  { kind, project, id, name, region }: InventoryRow,
  fields: ChangedRow['fields'] = [],
): ResourceChange {
  const shown = fields.slice(0, FIELDS_PER_CHANGE).map(({ field, from, to }) => ({
    field,
    from: shortened(from),
    to: shortened(to),
  }));
  return { change, kind, project, id, name, region, fields: shown };
}

/** A long value as the beginning of its JSON. */
function shortened(value: Json): Json {
  const text = JSON.stringify(value);
  return text.length <= LONGEST_VALUE ? value : `${text.slice(0, LONGEST_VALUE)}…`;
}

function countsByKind(changes: readonly ResourceChange[]): Record<string, ChangeCounts> {
  const count = (all: readonly ResourceChange[], which: ResourceChange['change']): number =>
    all.filter(({ change }) => change === which).length;
  const kinds = [...Map.groupBy(changes, ({ kind }) => kind)].map(
    ([kind, all]) =>
      [kind, { added: count(all, 'added'), removed: count(all, 'removed'), changed: count(all, 'changed') }] as const,
  );
  return Object.fromEntries(kinds);
}

const chunks = (changes: readonly ResourceChange[]): ResourceChange[][] =>
  Array.from({ length: Math.ceil(changes.length / CHANGES_PER_ENTRY) }, (_none, index) =>
    changes.slice(index * CHANGES_PER_ENTRY, (index + 1) * CHANGES_PER_ENTRY),
  );
