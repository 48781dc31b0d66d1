import { anyFreePort } from '../../../scripts/dev/ports.ts';
import { temporalServerArguments } from '../../../scripts/dev/temporal-server.ts';
import { Connection } from '@temporalio/client';
import { launch } from './launch.ts';

/** A Temporal dev server in memory, with Mooring's search attributes. */
export async function startTemporal(path: string) {
  const port = await anyFreePort();
  const address = `127.0.0.1:${port}`;
  const namespace = 'default';
  const server = await launch({
    name: 'Temporal',
    path,
    args: temporalServerArguments({ port, ui: null, databaseFile: null, namespace }),
    ready: async () => await hasNamespace(address, namespace),
  });
  return { address, namespace, stop: server.stop };
}

/** The frontend answers a little before the namespace is there. */
export async function hasNamespace(address: string, namespace: string): Promise<boolean> {
  const connection = Connection.lazy({ address, connectTimeout: 1_000 });
  try {
    await connection.workflowService.describeNamespace({ namespace });
    return true;
  } catch {
    return false;
  } finally {
    await connection.close();
  }
}
