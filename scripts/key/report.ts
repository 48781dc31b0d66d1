import type { KeyRing } from '../../platform/key-ring.ts';
import type { KeyMarks } from '../../stores/key-check.ts';
import type { TemporalKeys, TemporalPlace } from './temporal-keys.ts';
import { iso } from '../../contracts/time.ts';

const temporalPlaces: readonly TemporalPlace[] = ['memo', 'input', 'history', 'pending', 'schedules', 'ended'];

/** The values that are still sealed with one key. */
export interface KeyReport {
  readonly id: string;
  /** `first` seals, `behind` opens as well, `absent` is not in MOORING_KEYS of this process. */
  readonly stands: 'first' | 'behind' | 'absent';
  /** Since when a worker has it first, or has had it. ISO 8601; null where none ever had. */
  readonly neededSince: string | null;
  readonly retired: boolean;
  /** By place; a place that holds nothing of this key is 0. */
  readonly sealed: Readonly<Record<string, number>>;
}

export interface StatusReport {
  readonly keys: readonly KeyReport[];
  readonly workflows: {
    readonly running: number;
    /** Less than `running` where a sample was asked for: then only the memos are complete. */
    readonly looked: number;
    readonly ended: number;
    readonly schedules: number;
    readonly retentionHours: number;
  };
}

export interface Findings {
  readonly keyRing: KeyRing;
  readonly marks: KeyMarks | undefined;
  readonly temporal: TemporalKeys;
  readonly standIns: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

export function statusReport({ keyRing, marks, temporal, standIns }: Findings): StatusReport {
  const ids = new Set([
    ...keyRing.keyIds,
    ...Object.keys(marks?.keys ?? {}),
    ...Object.keys(marks?.retired ?? {}),
    ...temporal.keyIds,
    ...[...standIns.values()].flatMap((counts) => [...counts.keys()]),
  ]);
  const { running, looked, ended, schedules, retentionHours } = temporal;
  return {
    keys: [...ids].map((id) => ({
      id,
      stands: id === keyRing.currentKeyId ? 'first' : keyRing.keyIds.includes(id) ? 'behind' : 'absent',
      neededSince: marks?.needed[id] ?? null,
      retired: Object.hasOwn(marks?.retired ?? {}, id),
      sealed: Object.fromEntries([
        ...temporalPlaces.map((place) => [place, temporal.count(id, place)] as const),
        ...[...standIns].map(([file, counts]) => [file, counts.get(id) ?? 0] as const),
      ]),
    })),
    workflows: { running, looked, ended, schedules, retentionHours },
  };
}

/** Where something is sealed with the key. */
const placesOf = ({ sealed }: KeyReport): string[] =>
  Object.entries(sealed).flatMap(([place, count]) => (count > 0 ? [`${place} (${count})`] : []));

/** Keys that do not seal any more, and still have something to open. */
export const stillNeeded = ({ keys }: StatusReport): KeyReport[] =>
  keys.filter((key) => key.stands !== 'first' && placesOf(key).length > 0);

/** For a terminal: a line for each key, a column for each place. */
export function statusTable(report: StatusReport): string {
  const places = Object.keys(report.keys[0]?.sealed ?? {});
  const rows = [
    ['KEY', 'STANDS', ...places.map((place) => place.toUpperCase())],
    ...report.keys.map((key) => [
      key.id,
      key.retired ? 'retired' : key.stands,
      ...places.map((place) => String(key.sealed[place])),
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = rows.map((row) =>
    row.map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))),
  );
  return [...lines.map((line) => line.join('  ').trimEnd()), '', ...summary(report)].join('\n');
}

function summary(report: StatusReport): string[] {
  const { running, looked, ended, schedules, retentionHours } = report.workflows;
  const sampled = looked < running ? ` (${looked} of them looked into: a sample)` : '';
  const counted = `Running workflows: ${running}${sampled}. Ended runs: ${ended}. Schedules: ${schedules}.`;
  const needed = stillNeeded(report).map(({ id }) => `"${id}"`);
  if (needed.length === 0) return [counted, 'Nothing is sealed with any key but the first.'];
  return [
    counted,
    `Still needed besides the first: ${needed.join(', ')}. Running workflows are sealed again within a day; ended runs are gone ${retentionHours} h after their end; schedules and the files of npm start are sealed again when a worker starts.`,
  ];
}

/**
 * Some values are sealed for at most a day and cannot be counted: current sign-ins (10 minutes) and the digests of
 * requests with an Idempotency-Key (24 hours), both in Redis.
 */
const UNCOUNTED_MS = 24 * 3600 * 1000;

/** The reasons why a key cannot be dropped yet, one sentence each. Undefined for a key that no process has had. */
export function reasonsToKeep(id: string, report: StatusReport, nowMs: number): string[] | undefined {
  const key = report.keys.find((one) => one.id === id);
  if (!key) return undefined;
  if (key.stands === 'first') {
    return [`"${id}" stands first in MOORING_KEYS: it seals. Move another key to the front, in every process.`];
  }
  const reasons: string[] = [];
  const places = placesOf(key);
  if (places.length > 0) {
    reasons.push(`Values are sealed with "${id}": ${places.join(', ')}. "npm run key -- status" says when they go.`);
  }
  // It was never first, so nothing was sealed with it.
  if (key.neededSince === null) return reasons;
  const first = report.keys.find(({ stands }) => stands === 'first');
  if (first?.neededSince == null) {
    reasons.push(`No worker has started with "${first?.id}" first in MOORING_KEYS yet: "${id}" still seals.`);
  } else if (Date.parse(first.neededSince) + UNCOUNTED_MS > nowMs) {
    const after = iso(Date.parse(first.neededSince) + UNCOUNTED_MS);
    reasons.push(
      `"${first.id}" stands first only since ${first.neededSince}: sign-ins and requests of the last day may be sealed with "${id}". Try again after ${after}.`,
    );
  }
  return reasons;
}
