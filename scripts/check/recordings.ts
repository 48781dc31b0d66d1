import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Check } from './check.ts';

/** Path and SHA-256 of every recorded file, of all versions. */
export type Digests = Readonly<Record<string, string>>;

export const digestsPath = 'test/replay/hashes.json';
/** Folders with one folder for each version. */
export const recordingFolders = ['test/replay/histories', 'test/replay/states'] as const;

export const digestOf = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');

/** A version is released if the changelog has a heading for it. */
export const isReleased = (changelog: string, version: string): boolean =>
  changelog.split('\n').some((line) => line.startsWith(`## [${version}]`));

const releasedVersions = (changelog: string): readonly string[] =>
  [...changelog.matchAll(/^## \[(\d[^\]]*)\]/gm)].map(([, version = '']) => version);

/**
 * The recordings of a released version never change: connections that began under it still live, and their histories
 * must replay on every later build. The version that is not released yet may be recorded again, with the command only.
 */
export const recordings: Check = {
  name: 'recordings',
  run(repository) {
    const listed = JSON.parse(repository.files.includes(digestsPath) ? repository.read(digestsPath) : '{}') as Digests;
    const changelog = repository.read('CHANGELOG.md');
    const { version: current } = JSON.parse(repository.read('package.json')) as { version: string };
    const versionOf = (path: string): string => path.split('/')[3] ?? '';
    const remedy = (path: string): string =>
      isReleased(changelog, versionOf(path))
        ? 'its version is released: bring it back as it was'
        : 'record it again with npm run record-histories';
    const present = repository.files.filter((path) => recordingFolders.some((folder) => path.startsWith(`${folder}/`)));
    const changed = present.filter((path) => {
      const digest = listed[path];
      return digest !== undefined && digest !== digestOf(readFileSync(join(repository.root, path)));
    });
    const needed = new Set([...releasedVersions(changelog), current]);
    const problems = [
      ...changed.map((path) => `${path}: has changed since it was recorded; ${remedy(path)}`),
      ...present
        .filter((path) => !(path in listed))
        .map((path) => `${path}: is not listed in ${digestsPath}; ${remedy(path)}`),
      ...Object.keys(listed)
        .filter((path) => !present.includes(path))
        .map((path) => `${path}: was recorded and is gone; ${remedy(path)}`),
      ...[...needed]
        .filter((version) => !Object.keys(listed).some((path) => versionOf(path) === version))
        .map((version) => `${digestsPath}: has no recordings of version ${version}; run npm run record-histories`),
    ];
    return { problems, note: `${present.length} files` };
  },
};
