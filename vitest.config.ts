import { defineConfig } from 'vitest/config';
import { createReporter } from './test/support/reporter/reporter.ts';

const suites = (...folders: string[]): string[] => folders.map((folder) => `test/${folder}/**/*.test.ts`);

const components = {
  setupFiles: ['test/support/no-egress.ts'],
  globalSetup: ['test/support/global-setup.ts'],
  hookTimeout: 60_000,
};

export default defineConfig({
  test: {
    reporters: ['default', createReporter()],
    pool: 'forks',
    // node:sqlite says at each import that it is experimental.
    execArgv: ['--disable-warning=ExperimentalWarning'],
    maxWorkers: 2,
    teardownTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: suites('unit', 'architecture'),
          setupFiles: ['test/support/no-egress.ts'],
          testTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: suites('contract', 'workflows', 'api', 'replay'),
          ...components,
          testTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          // Each file runs a whole installation, killed and frozen in places: one at a time, after all others.
          name: 'stack',
          include: suites('e2e', 'console', 'chaos'),
          ...components,
          testTimeout: 60_000,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
