const FIRST_MS = 250;
const LONGEST_MS = 5_000;
/** Who lived this long was well: its next death counts as the first. */
const WELL_AFTER_MS = 30_000;

/** How long to wait before starting a process again that died for the `deaths`-th time in a row (from 1). */
export const restartDelayMs = (deaths: number): number => Math.min(FIRST_MS * 2 ** (deaths - 1), LONGEST_MS);

export const deathsInARow = (before: number, livedMs: number): number => (livedMs >= WELL_AFTER_MS ? 1 : before + 1);
