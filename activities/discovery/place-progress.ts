import type { DiscoveryTally, ListOutcome } from '../../contracts/discovery.ts';
import { emptyTally, tallied } from '../../contracts/discovery-tally.ts';

/** How far the lists of one place are: what an attempt leaves to the next one, in its heartbeat. */
export interface PlaceProgress {
  readonly v: 1;
  /** The kinds whose lists are made, or have failed for good. */
  readonly done: readonly string[];
  /** How often the others were tried. */
  readonly tries: Readonly<Record<string, number>>;
  readonly tally: DiscoveryTally;
}

const nothing: PlaceProgress = { v: 1, done: [], tries: {}, tally: emptyTally };

/** What the attempt before left; from the beginning where it left nothing, or was of another version. */
export function readProgress(details: unknown): PlaceProgress {
  const known = details as Partial<PlaceProgress> | null | undefined;
  return known?.v === 1 ? { ...nothing, ...known } : nothing;
}

export const withList = (progress: PlaceProgress, kind: string, outcome: ListOutcome): PlaceProgress => ({
  ...progress,
  done: [...progress.done, kind],
  tally: tallied(progress.tally, outcome),
});

export const withTry = (progress: PlaceProgress, kind: string, tries: number): PlaceProgress => ({
  ...progress,
  tries: { ...progress.tries, [kind]: tries },
});
