import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundle } from '@temporalio/worker';
import { inject } from 'vitest';
import './quiet-temporal.ts';

const root = new URL('../../', import.meta.url);
const pathOf = (relative: string): string => fileURLToPath(new URL(relative, root));

/** Mooring's workflows, bundled once for the run: the first file that asks pays the two seconds. */
export async function workflowBundle(): Promise<WorkflowBundle> {
  const path = join(inject('runFolder'), 'workflow-bundle.js');
  try {
    return { code: await readFile(path, 'utf8') };
  } catch {
    const { code } = await bundle(pathOf('workflows/index.ts'));
    // Two files may bundle at once; whoever is last replaces equal content in one step.
    await writeFile(`${path}.${process.pid}`, code);
    await rename(`${path}.${process.pid}`, path);
    return { code };
  }
}

/** Any workflow file, bundled as the worker does it: the failure converter runs inside the workflow's sandbox. */
export async function bundle(workflowsPath: string): Promise<WorkflowBundle> {
  return await bundleWorkflowCode({
    workflowsPath,
    failureConverterPath: pathOf('platform/temporal/failure-converter.ts'),
    logger: new DefaultLogger('WARN'),
  });
}
