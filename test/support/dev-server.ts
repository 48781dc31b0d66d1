import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { inject } from 'vitest';
import './quiet-temporal.ts';
import { systemClock } from '../../platform/clock.ts';
import { makeNamespace } from './namespace.ts';
import type { TimeSkipping } from './time-skipping.ts';

/** What a world of the workflows' tests needs of its Temporal server. */
export interface TestServer {
  readonly environment: Pick<TimeSkipping['environment'], 'connection' | 'client' | 'currentTimeMs' | 'sleep'>;
  readonly clock: TimeSkipping['clock'];
  readonly namespace: string;
  readonly converter?: TimeSkipping['converter'];
  readonly createWorker: TimeSkipping['createWorker'];
  readonly close: () => Promise<void>;
}

/**
 * The run's real development server, in a namespace of this file's own. Its clock is the machine's: nothing is skipped.
 * Call it only where `inject('components').temporal` is not null.
 */
export async function useDevServer(): Promise<TestServer> {
  const component = inject('components').temporal;
  if (!component) throw new Error('Temporal is not on this machine: skip the suite.');
  const { address } = component;
  const namespace = await makeNamespace(address);
  const connection = await Connection.connect({ address });
  const nativeConnection = await NativeConnection.connect({ address });
  const client = new Client({ connection, namespace });
  const notSkipped = (): never => {
    throw new Error('The development server lives in real time.');
  };
  return {
    environment: {
      connection,
      client,
      currentTimeMs: async () => Date.now(),
      sleep: notSkipped,
    },
    clock: { ...systemClock, sync: async () => undefined },
    namespace,
    createWorker: async (worker) => await Worker.create({ ...worker, connection: nativeConnection, namespace }),
    async close() {
      await connection.close();
      await nativeConnection.close();
    },
  };
}
