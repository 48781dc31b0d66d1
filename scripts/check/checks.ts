import { generators } from '../generate/documents.ts';
import type { Generator } from '../generate/generator.ts';
import type { Check } from './check.ts';
import { commandChecks, composeConfig } from './commands.ts';
import { licences } from './licences.ts';
import { providerFolders, providerNamesInCore } from './providers.ts';
import { recordings } from './recordings.ts';
import { securityDocument } from './security-document.ts';
import { fileSizes, foreignTraces, packages, unfinished } from './texts.ts';

/** Generated documents are as the code now says. */
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

/** Every check, the slow ones first, so that two running at once end together. */
export const checks: readonly Check[] = [
  ...commandChecks,
  generatedCheck(generators),
  providerNamesInCore,
  providerFolders,
  fileSizes,
  unfinished,
  foreignTraces,
  packages,
  licences,
  securityDocument,
  recordings,
  composeConfig,
];
