import type { Problem } from '../../contracts/problem.ts';
import type { KeptRow, WitnessAnswer } from './port.ts';

/** How many passes in a row must find nothing at all before that is believed without a witness. */
const EMPTY_PASSES = 3;

/** What is known when a complete list lacks rows that the inventory has. */
export interface Evidence {
  /** The pass of the list: when it was asked for. A retry within a pass is no further evidence. */
  readonly since: string;
  /** The list has no row at all. */
  readonly isEmpty: boolean;
  /** The passes before this one, without another in between, whose list had no row at all. */
  readonly emptyIn: readonly string[];
  /** Null = there is no other way to ask. */
  readonly answer: WitnessAnswer | null;
}

export interface Kept {
  readonly rows: readonly KeptRow[];
  /** As {@link Evidence.emptyIn}, this pass included. */
  readonly emptyIn: readonly string[];
  /** Why rows are kept that the list lacks; null = none is. */
  readonly problem: Problem | null;
  /** False: the list proves nothing about what it lacks. */
  readonly isBelieved: boolean;
  /** Why the witness could not be asked about rows that are kept for that reason. */
  readonly refused: WitnessAnswer['refused'];
}

/**
 * Which of the rows that a complete list lacks are kept. An empty answer with HTTP 200 is what a cloud in maintenance
 * sends too, so an absence alone is no proof: a row goes when a second witness says so, or when another pass lacks it
 * as well; where nothing is left at all, when three passes in a row say the same. Pure.
 */
export function keepAbsent(absent: readonly KeptRow[], { since, isEmpty, emptyIn, answer }: Evidence): Kept {
  const passes = isEmpty ? [...emptyIn.filter((pass) => pass !== since), since] : [];
  const isProven = ({ missingSince }: KeptRow): boolean =>
    isEmpty ? passes.length >= EMPTY_PASSES : missingSince !== null && missingSince !== since;

  const left = absent.filter(({ key }) => answer?.gone.has(key) !== true);
  const there = left.filter(({ key }) => answer?.there.has(key) === true);
  const unclear = left.filter(({ key }) => answer?.there.has(key) !== true);
  const waiting = answer?.refused ? unclear : unclear.filter((row) => !isProven(row));
  const rows = [
    ...there.map((row) => ({ ...row, missingSince: null })),
    ...waiting.map((row) => ({ ...row, missingSince: row.missingSince ?? since })),
  ];
  const refused = waiting.length > 0 ? (answer?.refused ?? null) : null;
  const doubt = doubtAbout({ there: there.length, waiting: waiting.length, isEmpty, refused });
  // What a refused witness leaves open is no evidence either.
  const evidence = refused ? emptyIn : passes;
  return { rows, emptyIn: waiting.length > 0 ? evidence : [], refused, ...doubt };
}

interface Counted {
  readonly there: number;
  readonly waiting: number;
  readonly isEmpty: boolean;
  readonly refused: WitnessAnswer['refused'];
}

function doubtAbout({ there, waiting, isEmpty, refused }: Counted): Pick<Kept, 'problem' | 'isBelieved'> {
  if (refused) return { problem: refused.problem, isBelieved: false };
  if (there > 0) return { problem: listIncomplete(there), isBelieved: false };
  if (waiting > 0 && isEmpty) return { problem: suddenlyEmpty(waiting), isBelieved: false };
  if (waiting > 0) return { problem: rowsMissing(waiting), isBelieved: true };
  return { problem: null, isBelieved: true };
}

const resources = (count: number): string => (count === 1 ? '1 resource' : `${count} resources`);

const listIncomplete = (count: number): Problem => ({
  code: 'list_incomplete',
  message: `The cloud's list lacks ${resources(count)} that the cloud answers for when asked directly.`,
  remedy: 'Nothing to do: they are kept, and the next discovery lists again. If this lasts, ask the cloud’s support.',
});

const suddenlyEmpty = (count: number): Problem => ({
  code: 'list_suddenly_empty',
  message: `The cloud's list is suddenly empty: ${resources(count)} that it had are missing all at once.`,
  remedy:
    'They are kept, and removed after the third discovery in a row that finds none. Check whether they were deleted, or the credential was limited.',
});

const rowsMissing = (count: number): Problem => ({
  code: 'rows_missing',
  message: `The cloud's list no longer has ${resources(count)}, which alone does not prove that they are gone.`,
  remedy: 'Nothing to do: they are removed by the next discovery, unless it finds them again.',
});
