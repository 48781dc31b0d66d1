import { cpSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Repository } from '../../../scripts/check/check.ts';

type Files = Readonly<Record<string, string>>;

const root = join(import.meta.dirname, '../../..');

/** A repository that stands in memory, for checks that only read. */
export function repositoryOf(files: Files): Repository {
  return {
    root: '/nowhere',
    files: Object.keys(files).toSorted(),
    read(path) {
      const text = files[path];
      if (text === undefined) throw new Error(`${path} was not planted`);
      return text;
    },
  };
}

/**
 * A repository on disk, for checks that run a tool: the planted files, beside our own copies of the tool's
 * configuration, so that it is the real rules that are put to the test. Disposing of it removes it.
 */
export function plant(
  files: Files,
  options: { ours: readonly string[]; packages?: boolean },
): Repository & AsyncDisposable {
  const folder = mkdtempSync(join(tmpdir(), 'mooring-check-'));
  for (const path of options.ours) cpSync(join(root, path), join(folder, path));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  if (options.packages) symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return {
    ...repositoryOf(files),
    root: folder,
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true });
    },
  };
}
