import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';

/** The working tree as the checks see it: what git tracks or would track, never what it ignores. */
export interface Repository {
  readonly root: string;
  /** Paths relative to the root, with `/`, sorted. */
  readonly files: readonly string[];
  /** The text of one of `files`. */
  read(path: string): string;
}

/** Throws where `root` is not the root of a git checkout. */
export async function openRepository(root: string): Promise<Repository> {
  const { stdout } = await execa('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
  });
  const listed = new Set(stdout.split('\0').filter((path) => path !== ''));
  // A file deleted but not yet committed is still listed.
  const files = [...listed].filter((path) => existsSync(join(root, path))).toSorted();
  const texts = new Map<string, string>();
  return {
    root,
    files,
    read(path) {
      const text = texts.get(path) ?? readFileSync(join(root, path), 'utf8');
      texts.set(path, text);
      return text;
    },
  };
}

/** Everything written by hand as code; data, histories and generated documents are not. */
export const isCode = (path: string): boolean =>
  /\.(?:ts|tsx|mjs|cjs|js|css)$/.test(path) && !/^test\/(?:data|replay\/histories)\//.test(path);

export interface Line {
  readonly path: string;
  /** 1-based. */
  readonly number: number;
  readonly text: string;
}

/** Every line of the files that `chosen` accepts. */
export function* linesOf(repository: Repository, chosen: (path: string) => boolean): Generator<Line> {
  for (const path of repository.files.filter(chosen)) {
    for (const [index, text] of repository.read(path).split('\n').entries()) yield { path, number: index + 1, text };
  }
}
