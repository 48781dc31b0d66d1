import { defineConfig } from 'vitest/config';

/** Of `scripts/record-histories.ts` alone: what it runs looks like a test, and writes files. */
export default defineConfig({
  test: {
    include: ['test/replay/record.ts'],
    pool: 'forks',
    execArgv: ['--disable-warning=ExperimentalWarning'],
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/no-egress.ts'],
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
