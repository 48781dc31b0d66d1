import { manifests } from '../../providers/manifests/all.ts';
import type { Check } from './check.ts';
import type { Repository } from './repository.ts';

export const providerFiles = ['manifest.ts', 'index.ts', 'client.ts', 'schema.ts', 'errors.ts', 'problems.ts', 'README.md'];

/** What clouds have in common, beside their folders. */
export const sharedFolders = ['cli', 'http', 'listing', 'manifests', 'oauth'];

const folder = 'providers/';
const list = `${folder}manifests/all.ts`;

/** Siblings have the same files, and every folder is a line of `manifests/all.ts`: the list of ids given here. */
export function providerFoldersCheck(ids: readonly string[]): Check {
  return {
    name: 'provider-folders',
    run(repository) {
      const present = foldersOf(repository);
      return {
        problems: [
          ...present.flatMap((id) =>
            providerFiles
              .filter((file) => !repository.files.includes(`${folder}${id}/${file}`))
              .map((file) => `${folder}${id}: has no ${file}; every provider has ${providerFiles.join(', ')}`),
          ),
          ...present.filter((id) => !ids.includes(id)).map((id) => `${folder}${id}: is not in ${list}`),
          ...ids.filter((id) => !present.includes(id)).map((id) => `${list}: "${id}" has no folder`),
        ],
      };
    },
  };
}

export const providerFolders = providerFoldersCheck(manifests.map(({ id }) => id));

function foldersOf(repository: Repository): string[] {
  const inside = repository.files
    .filter((path) => path.startsWith(folder))
    .map((path) => path.slice(folder.length).split('/'))
    .filter((parts) => parts.length > 1)
    .map(([id]) => id ?? '');
  return [...new Set(inside)].filter((name) => !sharedFolders.includes(name));
}
