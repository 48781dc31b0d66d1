import type { Generator } from '../generate/generator.ts';
import { generators } from '../generate/generators.ts';
import type { Check } from './check.ts';

/** What follows from the code is as the code now says. */
export function generatedCheck(all: readonly Generator[]): Check {
  return {
    name: 'generated',
    async run(repository) {
      const current = (path: string): string => (repository.files.includes(path) ? repository.read(path) : '');
      const files = (await Promise.all(all.map((generator) => generator.generate(current)))).flat();
      return {
        problems: files
          .filter(({ path, text }) => text !== current(path))
          .map(({ path }) => `${path}: is not what the code says; run npm run generate`),
        note: files.map(({ path }) => path).join(', '),
      };
    },
  };
}

export const generated = generatedCheck(generators);
