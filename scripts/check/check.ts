import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';

/** One rule of the house, kept by `npm run check`. */
export interface Check {
  /** What `npm run check -- <name>` runs alone. */
  readonly name: string;
  run(repository: Repository): Promise<Verdict> | Verdict;
}

export interface Verdict {
  /** One sentence each, starting with the place: `path:line: …`. Empty = the rule holds. */
  readonly problems: readonly string[];
  /** Shown in the summary also where the rule holds, e.g. what was measured. */
  readonly note?: string;
}

/** The working tree as the checks see it: what git tracks or would track, without ignored files. */
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

/** Code written by hand; not data, histories or generated documents. */
export const isCode = (path: string): boolean =>
  /\.(?:ts|tsx|mjs|cjs|js|css)$/.test(path) &&
  !/^(?:test\/(?:data|replay\/histories)|cli\/client\/generated)\//.test(path);

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
