import { Client, Connection } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import type { KeyRing } from '../../platform/key-ring.ts';
import { createDataConverter } from '../../platform/temporal/data-converter.ts';
import { workflowBundle } from './bundle.ts';

/**
 * Replays every run in a namespace on the workflows as they are: what a worker does that takes a connection over from
 * one that died. Answers how many there were, and of those that do not replay, which and why.
 */
export async function replayEverything(of: { address: string; namespace: string; keyRing: KeyRing }) {
  const { address, namespace, keyRing } = of;
  const connection = await Connection.connect({ address });
  const failures: string[] = [];
  let replayed = 0;
  try {
    const dataConverter = createDataConverter(keyRing, true);
    const histories = new Client({ connection, namespace, dataConverter }).workflow.list().intoHistories();
    const code = { workflowBundle: await workflowBundle(), dataConverter };
    for await (const { workflowId, error } of Worker.runReplayHistories(code, histories)) {
      replayed += 1;
      if (error) failures.push(`${workflowId}: ${error.message}`);
    }
    return { replayed, failures };
  } finally {
    await connection.close();
  }
}
