import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { onTestFinished } from 'vitest';
import { KeyRing } from '../../../platform/key-ring.ts';
import { createDataConverter } from '../../../platform/temporal/data-converter.ts';
import type { CodecOptions } from '../../../platform/temporal/payload-codec.ts';
import { bundle } from '../../support/bundle.ts';
import { makeNamespace } from '../../support/namespace.ts';
import { rotatingActivities } from './rotating.activities.ts';
import { noteSignal, noteUpdate, stateQuery, turnSignal, type RotatingState } from './rotating.workflow.ts';

export const taskQueue = 'rotating';
const [k1, k2] = [KeyRing.generate('k1'), KeyRing.generate('k2')];

/** The key ring at each step of docs/production.md, as MOORING_KEYS has it. */
export const steps = { before: k1, behind: `${k1},${k2}`, inFront: `${k2},${k1}`, dropped: k2 } as const;

/** A namespace of one test alone on the real server, and processes of Mooring at whatever step of a rotation. */
export async function openWorld(address: string) {
  const namespace = await makeNamespace(address);
  const connection = await Connection.connect({ address });
  const workflowBundle = await bundle(fileURLToPath(new URL('./rotating.workflow.ts', import.meta.url)));
  onTestFinished(async () => await connection.close());

  return {
    address,
    namespace,
    connection,
    /** As the API has it. */
    client: (keys: string) =>
      new Client({
        connection,
        namespace,
        dataConverter: createDataConverter(KeyRing.parse(keys), 'required', { refused: 'throw' }),
      }),
    /** Somebody who can reach Temporal, and has no key. */
    stranger: () => new Client({ connection, namespace }),
    /** Without a cache: each task opens the whole history, as after a restart. Runs until the test ends, or is stopped. */
    async worker(keys: string, options: CodecOptions = {}): Promise<() => Promise<void>> {
      // Its own: two workers of one queue can't share a connection.
      const native = await NativeConnection.connect({ address });
      const worker = await Worker.create({
        connection: native,
        namespace,
        taskQueue,
        workflowBundle,
        activities: rotatingActivities,
        dataConverter: createDataConverter(KeyRing.parse(keys), 'required', options),
        maxCachedWorkflows: 0,
      });
      const run = worker.run();
      let stopped: Promise<void> | undefined;
      const stop = async (): Promise<void> => {
        stopped ??= (async () => {
          worker.shutdown();
          await run;
          await native.close();
        })();
        await stopped;
      };
      onTestFinished(stop);
      return stop;
    },
  };
}

export type World = Awaited<ReturnType<typeof openWorld>>;

/** One running workflow, as each client sees it. */
export async function startRotating(client: Client): Promise<string> {
  const workflowId = `rotating-${randomUUID()}`;
  await client.workflow.start('rotating', {
    workflowId,
    taskQueue,
    args: [{ notes: [], refused: [], runs: 0 } satisfies RotatingState],
    memo: { view: { notes: 0 }, request: { digest: 'digest' } },
    staticSummary: 'A connection of acme',
  });
  return workflowId;
}

export function rotatingOf(client: Client, workflowId: string) {
  const handle = client.workflow.getHandle(workflowId);
  return {
    signal: async (note: unknown) => await handle.signal(noteSignal, note),
    update: async (note: unknown) => await handle.executeUpdate(noteUpdate, { args: [note] }),
    turn: async () => await handle.signal(turnSignal),
    state: async () => await handle.query(stateQuery),
    memo: async () => (await handle.describe()).memo,
  };
}
