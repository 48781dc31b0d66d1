import type { Check } from './check.ts';
import { isCode, type Repository } from './repository.ts';

/** In lines. A file beyond the longest is two files; the other two keep the whole readable. */
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

/** Nearest rank: the smallest value that at least this share of all values does not exceed. 0 for none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}
