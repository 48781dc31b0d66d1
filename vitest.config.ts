import { defineConfig } from 'vitest/config';
import { createReporter } from './test/support/reporter/reporter.ts';

const suites = (...folders: string[]): string[] => folders.map((folder) => `test/${folder}/**/*.test.ts`);

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
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: suites('contract', 'workflows', 'api', 'e2e', 'replay', 'console', 'chaos'),
          setupFiles: ['test/support/no-egress.ts'],
          globalSetup: ['test/support/global-setup.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
