import { access, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startProcess, type RunningProcess } from '../support/process.ts';
import { nodeProgram, spaces, type Stack } from '../support/stack.ts';
import { basics } from '../support/vault.ts';
import type { BareSettings } from './contract.ts';

/** Starts the baseline's worker, and waits until it polls. */
export async function startBareWorker(stack: Stack): Promise<RunningProcess> {
  const settings: BareSettings = {
    temporal: stack.temporal.address,
    namespace: spaces.baseline,
    vault: stack.vault.address,
    mount: spaces.baseline,
    vaultToken: await stack.vault.tokenFor(spaces.baseline, 'worker'),
  };
  const readyFile = join(stack.folder, 'bare-worker.ready');
  await rm(readyFile, { force: true });
  return await startProcess({
    name: 'bare worker',
    ...nodeProgram('bench/baseline/worker.ts'),
    environment: {
      ...basics(),
      ...stack.cloudVariables,
      BARE_SETTINGS: JSON.stringify(settings),
      BARE_READY: readyFile,
    },
    logFile: join(stack.folder, 'bare-worker.log'),
    isReady: async () => {
      await access(readyFile);
      return true;
    },
  });
}
