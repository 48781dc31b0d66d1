import { cp, rm, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { execa } from 'execa';

const root = join(import.meta.dirname, '../..');
const folders = ['contracts', 'platform', 'stores', 'providers', 'workflows', 'activities', 'api', 'worker', 'cli'];

/** Not copied: sources are compiled instead, and Markdown is not needed at run time. */
const leftOut = new Set(['.ts', '.md']);

/**
 * Compiles the product to JavaScript that Node runs as it is: `node {outDir}/api/main.js`. Workflow code is bundled
 * here, once, into `{outDir}/workflow-bundle.js`, so that a worker starts without a compiler and every worker of a
 * release runs the same bytes.
 */
export async function build(outDir: string): Promise<void> {
  await rm(outDir, { recursive: true, force: true });
  // The second one writes the declarations of the typed client.
  for (const project of ['tsconfig.build.json', 'tsconfig.client.json']) {
    const compiler = ['-p', project, '--outDir', outDir];
    const compiled = await execa('tsc', compiler, { cwd: root, preferLocal: true, reject: false, all: true });
    if (compiled.exitCode !== 0) throw new Error(`The sources do not compile:\n${compiled.all}`);
  }
  for (const folder of folders) {
    await cp(join(root, folder), join(outDir, folder), {
      recursive: true,
      force: false,
      filter: (source) => !leftOut.has(extname(source)),
    });
  }
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(root, 'workflows/index.ts'),
    // Failures are encoded inside the workflow's sandbox too.
    failureConverterPath: join(root, 'platform/temporal/failure-converter.ts'),
    logger: new DefaultLogger('WARN'),
  });
  await writeFile(join(outDir, 'workflow-bundle.js'), code);
}
