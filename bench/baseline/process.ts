import { access, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { startProcess, type RunningProcess } from '../support/process.ts';
import { nodeProgram, spaces, type Stack } from '../support/stack.ts';
import { basics } from '../support/vault.ts';
import type { BareSettings } from './contract.ts';

/** Starts the baseline's worker, and waits until it polls. */
export async function startBareWorker(stack: Stack): Promise<RunningProcess> {
  const settings: BareSettings = {
    workflowBundle: await bundledOnce(stack.folder),
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

/** Beforehand, as the product's build does it: a worker's start is part of what is measured. */
async function bundledOnce(folder: string): Promise<string> {
  const file = join(folder, 'bare-workflows.js');
  try {
    await access(file);
  } catch {
    const workflowsPath = join(import.meta.dirname, 'workflows.ts');
    await writeFile(file, (await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') })).code);
  }
  return file;
}
