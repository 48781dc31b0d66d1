import type { Check } from './check.ts';
import { linesOf } from './repository.ts';

/** What tells of one person's machine instead of the project. */
const traces: readonly (readonly [RegExp, string])[] = [
  [/(?:^|[^\w.])\/(?:work|farm|root|home|Users|tmp\/bash_jobs)\//, 'a path of one machine'],
  [
    /registry\.npmjs|proxy\.golang|deb\.debian\.org|repo1?\.maven|static\.crates|files\.pythonhosted/,
    'the host of a package registry; the user’s own configuration names it',
  ],
];

const binary = /\.(?:png|jpg|ico|woff2?|gz|zip)$/;

export const foreignTraces: Check = {
  name: 'foreign-traces',
  run(repository) {
    const problems: string[] = [];
    for (const { path, number, text } of linesOf(repository, (file) => !binary.test(file))) {
      for (const [pattern, what] of traces) if (pattern.test(text)) problems.push(`${path}:${number}: has ${what}`);
    }
    return { problems };
  },
};
