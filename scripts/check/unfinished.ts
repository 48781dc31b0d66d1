import type { Check } from './check.ts';
import { isCode, linesOf } from './repository.ts';

/** One-letter classes, so that this file does not find itself. */
const marks =
  /\b(?:[T]ODO|[F]IXME|X{3})\b|[n]ot implemented|\b(?:it|test|describe|suite)\.(?:[o]nly|[s]kip|[t]odo)\b|expect\([t]rue\)/;

/** A fixture may be such a test on purpose: it is what a test of the test set-up looks at. */
const isOurs = (path: string): boolean => isCode(path) && !path.includes('/fixtures/');

/** Unfinished work, tests that are switched off, and tests that cannot fail. */
export const unfinished: Check = {
  name: 'unfinished',
  run(repository) {
    const problems: string[] = [];
    for (const { path, number, text } of linesOf(repository, isOurs)) {
      const mark = marks.exec(text)?.[0];
      if (mark !== undefined) problems.push(`${path}:${number}: "${mark}"; finish it, or open an issue and remove it`);
    }
    return { problems };
  },
};
