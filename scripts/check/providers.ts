import { manifests } from '../../providers/manifests/all.ts';
import type { ProviderManifest } from '../../providers/manifests/types.ts';
import { linesOf, type Check, type Repository } from './check.ts';

export const providerFiles = [
  'manifest.ts',
  'index.ts',
  'client.ts',
  'schema.ts',
  'errors.ts',
  'problems.ts',
  'README.md',
];

/** Folders below `providers/` that are no provider. */
export const sharedFolders = ['cli', 'http', 'listing', 'manifests', 'oauth'];

const folder = 'providers/';
const list = `${folder}manifests/all.ts`;

/** Every provider folder has the same files and is listed in `manifests/all.ts`, whose ids are given here. */
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

/** Words of a display name that name no cloud in particular. */
const generic = ['cloud', 'services', 'web'];

/** Each manifest's id, the words of its display name, and its programs; in lower case. */
export function providerNames(all: readonly ProviderManifest[]): string[] {
  const names = all.flatMap(({ id, name, programs = [] }) => [
    id,
    ...name.split(' '),
    ...programs.map((program) => program.name),
  ]);
  return [...new Set(names.map((name) => name.toLowerCase()))].filter((name) => !generic.includes(name));
}

/**
 * Where clouds are named: their own folders, their simulations, tests, what is deployed, installed or read, commands for
 * one cloud's own tools, and what is generated of the API's document.
 */
const free =
  /^(?:providers|sandbox|test|bench|deploy|docs|cli\/(?:clouds|client\/generated))\/|\.md$|^(?:Dockerfile|docker-compose\.yml|\.env(?:\.\w+)?\.example|knip\.json|package(?:-lock)?\.json)$/;

/**
 * No provider's name anywhere else, comments and file names included: what differs between clouds is data of their
 * manifests, or the next provider needs a change in the core.
 */
export function providerNamesCheck(names: readonly string[]): Check {
  const expressions = names.flatMap(patterns);
  const find = (text: string): string | undefined =>
    expressions.map((expression) => expression.exec(text)?.[0]).find((hit) => hit !== undefined);
  const guarded = (path: string): boolean => !free.test(path);
  return {
    name: 'provider-names',
    run(repository) {
      const paths = repository.files.filter(guarded).map((path) => ({ where: path, hit: find(path) }));
      const texts = [...linesOf(repository, guarded)].map(({ path, number, text }) => ({
        where: `${path}:${number}`,
        hit: find(text),
      }));
      return {
        problems: [...paths, ...texts].flatMap(({ where, hit }) =>
          hit === undefined ? [] : [`${where}: names a provider ("${hit}"); move what differs into its manifest`],
        ),
      };
    },
  };
}

export const providerNamesInCore = providerNamesCheck(providerNames(manifests));

/**
 * The name as a word, or as a part of an identifier: of `acmecloud`: `acmecloud`, `ACMECLOUD_EU`, `acmeCloudClient`,
 * `isAcmeCloud`; not `pacmeclouds`.
 */
function patterns(name: string): RegExp[] {
  const escaped = name.replaceAll(/[^a-z0-9]/g, String.raw`\$&`);
  const inAnyCase = escaped.replaceAll(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
  const hump = escaped.charAt(0).toUpperCase() + inAnyCase.replace(/^\[[^\]]*\]/, '');
  return [
    new RegExp(`(?<![a-z])${escaped}(?![a-z])`, 'i'),
    new RegExp(`(?<![A-Za-z])${inAnyCase}(?=[A-Z])|(?<=[a-z])${hump}(?![a-z])`),
  ];
}
