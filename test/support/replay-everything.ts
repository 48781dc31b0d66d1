import { Client, Connection } from '@temporalio/client';
import type { DataConverter, PayloadCodec } from '@temporalio/common';
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
    const code = { workflowBundle: await workflowBundle(), dataConverter: inNamespace(dataConverter, namespace) };
    for await (const { workflowId, error } of Worker.runReplayHistories(code, histories)) {
      replayed += 1;
      if (error) failures.push(`${workflowId}: ${error.message}`);
    }
    return { replayed, failures };
  } finally {
    await connection.close();
  }
}

/** A replay calls its namespace `default`, whatever namespace the history comes from, and payloads are bound to theirs. */
function inNamespace({ payloadCodecs = [], ...others }: DataConverter, namespace: string): DataConverter {
  const bound = payloadCodecs.map((codec): PayloadCodec => ({
    encode: async (payloads, context) => await codec.encode(payloads, context && { ...context, namespace }),
    decode: async (payloads, context) => await codec.decode(payloads, context && { ...context, namespace }),
  }));
  return { ...others, payloadCodecs: bound };
}
