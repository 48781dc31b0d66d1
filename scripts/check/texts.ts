import { isCode, linesOf, type Check, type Repository } from './check.ts';

/** In lines. */
const limits = { longest: 300, percentile95: 250, median: 80 };

export const fileSizes: Check = {
  name: 'file-sizes',
  run(repository) {
    const sizes = repository.files.filter(isCode).map((path) => ({ path, lines: lineCount(repository, path) }));
    const product = sizes.filter(({ path }) => !/^(?:test|bench)\//.test(path)).map(({ lines }) => lines);
    const median = percentile(product, 0.5);
    const percentile95 = percentile(product, 0.95);
    const problems = sizes
      .filter(({ lines }) => lines > limits.longest)
      .map(({ path, lines }) => `${path}: has ${lines} lines; split it, the limit is ${limits.longest}`);
    if (median > limits.median)
      problems.push(`half of the files exceed ${median} lines; the limit is ${limits.median}`);
    if (percentile95 > limits.percentile95) {
      problems.push(`one file in twenty exceeds ${percentile95} lines; the limit is ${limits.percentile95}`);
    }
    return { problems, note: `${product.length} files, median ${median} lines, 95th percentile ${percentile95}` };
  },
};

function lineCount(repository: Repository, path: string): number {
  const text = repository.read(path);
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}

/** Nearest rank: the smallest value that at least this share of all values does not exceed. 0 where there are no values. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

/** Texts that belong to one person's machine and not to the project. */
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

/** One-letter classes, so that this file does not find itself. */
const marks =
  /\b(?:[T]ODO|[F]IXME|X{3})\b|[n]ot implemented|\b(?:it|test|describe|suite)\.(?:[o]nly|[s]kip|[t]odo)\b|expect\([t]rue\)/;

/** Fixtures are left out: tests of the test setup need such code. */
const isChecked = (path: string): boolean => isCode(path) && !path.includes('/fixtures/');

/** Unfinished work, tests that are switched off, and tests that cannot fail. */
export const unfinished: Check = {
  name: 'unfinished',
  run(repository) {
    const problems: string[] = [];
    for (const { path, number, text } of linesOf(repository, isChecked)) {
      const mark = marks.exec(text)?.[0];
      if (mark !== undefined) problems.push(`${path}:${number}: "${mark}"; finish it, or open an issue and remove it`);
    }
    return { problems };
  },
};

interface PackageManifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface LockFile {
  readonly packages: Readonly<Record<string, { readonly resolved?: string; readonly link?: boolean }>>;
}

/** Exact versions in `package.json`, and a lock file that can be installed from any registry. */
export const packages: Check = {
  name: 'packages',
  run(repository) {
    const manifest = json<PackageManifest>(repository, 'package.json');
    const all = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };
    const loose = Object.entries(all)
      .filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))
      .map(([name, version]) => `package.json: ${name} is "${version}"; give the exact version`);
    const resolved = Object.entries(json<LockFile>(repository, 'package-lock.json').packages)
      .filter(([, entry]) => entry.resolved !== undefined && entry.link !== true)
      .map(([name]) => `package-lock.json: ${name} names a registry ("resolved"); install with the settings of .npmrc`);
    return { problems: [...loose, ...resolved] };
  },
};

/** npm's own files: npm validates them. */
const json = <T>(repository: Repository, path: string): T => JSON.parse(repository.read(path)) as T;
