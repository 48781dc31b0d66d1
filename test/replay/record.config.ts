import { defineConfig } from 'vitest/config';

/** For `npm run record-histories` only: what it runs looks like a test, but writes files. */
export default defineConfig({
  test: {
    include: ['test/replay/record.ts'],
    pool: 'forks',
    execArgv: ['--disable-warning=ExperimentalWarning'],
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/no-egress.ts'],
    // As many as there are lives in the largest group: most of the time each waits for something.
    maxConcurrency: 8,
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
