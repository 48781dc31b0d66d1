import type { Reporter, TestProject, Vitest } from 'vitest/node';
import { countTests, summaryLine } from './counts.ts';
import { skippedLines } from './skipped.ts';

/**
 * Names what was skipped and what is missing on this machine, and ends a run's output with `N passed, N failed`.
 * With `CI=true` a skipped test fails the run: a suite that CI does not run proves nothing.
 */
export function createReporter(
  print: (line: string) => void = (line) => void process.stdout.write(`${line}\n`),
  strict: boolean = process.env['CI'] === 'true',
): Reporter {
  let vitest: Vitest | undefined;
  return {
    onInit(instance) {
      vitest = instance;
    },
    onTestRunEnd(modules, unhandledErrors) {
      const counts = countTests(modules, unhandledErrors.length);
      // Asked for by name: the others were not skipped for a lack of anything.
      const filtered = vitest?.config.testNamePattern !== undefined;
      const skipped = filtered ? [] : skippedLines(modules);
      const missing = missingComponents(vitest?.projects ?? []);
      if (missing.length > 0) print(`Not on this machine: ${missing.join(', ')} (.ci/run installs them).`);
      for (const line of skipped) print(`Skipped: ${line}`);
      if (strict && skipped.length > 0) print('With CI=true a skipped test fails the run: install what is missing.');
      if (counts.failed > 0 || (strict && skipped.length > 0)) process.exitCode = 1;
      print(summaryLine(counts));
    },
  };
}

function missingComponents(projects: readonly TestProject[]): string[] {
  const names = projects.flatMap((project) =>
    Object.entries(project.getProvidedContext().components ?? {})
      .filter(([, component]) => component === null)
      .map(([name]) => name),
  );
  return [...new Set(names)].toSorted();
}
