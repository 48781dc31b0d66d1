/** Nearest rank: the smallest value that at least this share of all values does not exceed. Null for none. */
export function quantile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null;
}

export const median = (values: readonly number[]): number | null => quantile(values, 0.5);

export const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

export interface Spread {
  readonly min: number | null;
  readonly median: number | null;
  readonly max: number | null;
}

export const spread = (values: readonly number[]): Spread => ({
  min: quantile(values, 0),
  median: median(values),
  max: quantile(values, 1),
});

/** Null where one of them is missing, or there is nothing to divide by. */
export const ratio = (value: number | null, base: number | null): number | null =>
  value === null || base === null || base === 0 ? null : value / base;

/** A counter as it was read at a moment. */
export interface Reading {
  readonly atMs: number;
  readonly count: number;
}

/**
 * How many a second, in slices of equal length from the first reading to the last. Between two readings the count is
 * taken to grow evenly.
 */
export function rateCurve(readings: readonly Reading[], sliceMs: number): number[] {
  const first = readings[0];
  const last = readings.at(-1);
  if (first === undefined || last === undefined) return [];
  const slices = Math.floor((last.atMs - first.atMs) / sliceMs);
  return Array.from({ length: slices }, (_, slice) => {
    const from = first.atMs + slice * sliceMs;
    return ((countAt(readings, from + sliceMs) - countAt(readings, from)) / sliceMs) * 1000;
  });
}

function countAt(readings: readonly Reading[], atMs: number): number {
  const after = readings.findIndex((reading) => reading.atMs >= atMs);
  const next = readings[after];
  if (next === undefined) return readings.at(-1)?.count ?? 0;
  const before = readings[after - 1];
  if (before === undefined) return next.count;
  return before.count + ((next.count - before.count) * (atMs - before.atMs)) / (next.atMs - before.atMs);
}

/** When a counter had reached a number, between the readings. Null where it never did. */
export function reachedAtMs(readings: readonly Reading[], count: number): number | null {
  const after = readings.findIndex((reading) => reading.count >= count);
  const next = readings[after];
  if (next === undefined) return null;
  const before = readings[after - 1];
  if (before === undefined) return next.atMs;
  return before.atMs + ((next.atMs - before.atMs) * (count - before.count)) / (next.count - before.count);
}
