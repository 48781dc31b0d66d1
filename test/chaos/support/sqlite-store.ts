import { openSecrets, lockStore } from './stack-stores.ts';
import { startTestStack } from './test-stack.ts';
import type { TroubledStore } from './troubled-store.ts';

/** The embedded store: its only trouble is another process that keeps the file locked. */
export const sqliteTroubles = ['is locked'] as const;

export async function startOnSqlite(): Promise<TroubledStore> {
  const stack = await startTestStack({}, (plan) => plan);
  const { stateDirectory } = stack;
  const secrets = openSecrets(stateDirectory);
  return {
    stack,
    secrets,
    trouble: () => lockStore(stateDirectory, 'secrets'),
    async close() {
      await secrets.close();
      await stack.stop();
    },
  };
}
