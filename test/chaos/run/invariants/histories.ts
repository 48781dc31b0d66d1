import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection, type WorkflowExecutionInfo } from '@temporalio/client';
import {
  bundleWorkflowCode,
  DefaultLogger,
  makeTelemetryFilterString,
  Runtime,
  Worker,
  type WorkflowBundle,
} from '@temporalio/worker';
import { KeyRing } from '../../../../platform/key-ring.ts';
import { createDataConverter } from '../../../../platform/temporal/data-converter.ts';
import type { ChaosStack } from '../stack/stack.ts';
import type { Findings } from './findings.ts';

const root = join(import.meta.dirname, '../../../..');

/** The code that runs now, as the build bundled it, or bundled from the sources. */
async function bundle(build: string | null): Promise<WorkflowBundle> {
  if (build !== null) return { code: await readFile(join(build, 'workflow-bundle.js'), 'utf8') };
  return await bundleWorkflowCode({
    workflowsPath: join(root, 'workflows/index.ts'),
    failureConverterPath: join(root, 'platform/temporal/failure-converter.ts'),
    logger: new DefaultLogger('WARN'),
  });
}

/** Says nothing but errors; what a run has installed before stays. */
function quieten(): void {
  try {
    Runtime.install({
      logger: new DefaultLogger('ERROR'),
      telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) } },
    });
  } catch {
    // It was installed before.
  }
}

/** Replays every run that there is, as a worker does that takes a workflow over. Answers how many by type. */
export async function replayHistories(
  { temporal, namespace, product }: Pick<ChaosStack, 'temporal' | 'namespace' | 'product'>,
  build: string | null,
  findings: Findings,
): Promise<Readonly<Record<string, number>>> {
  quieten();
  const connection = await Connection.connect({ address: `127.0.0.1:${temporal.port}` });
  const replayed: Record<string, number> = {};
  try {
    const dataConverter = createDataConverter(KeyRing.parse(product.keys()), true);
    const { workflow } = new Client({ connection, namespace, dataConverter });
    const runs = new Map<string, WorkflowExecutionInfo>();
    for await (const run of workflow.list()) runs.set(run.runId, run);
    async function* histories() {
      for (const { workflowId, runId } of runs.values()) {
        yield { workflowId, history: await workflow.getHandle(workflowId, runId).fetchHistory() };
      }
    }
    const code = { workflowBundle: await bundle(build), dataConverter };
    for await (const { workflowId, runId, error } of Worker.runReplayHistories(code, histories())) {
      const type = runs.get(runId)?.type ?? 'unknown';
      replayed[type] = (replayed[type] ?? 0) + 1;
      findings.check('replays', workflowId, error && `the run ${runId} (${type}): ${error.message}`);
    }
    return replayed;
  } finally {
    await connection.close();
  }
}
