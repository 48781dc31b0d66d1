import { createServer } from 'node:net';
import { once } from 'node:events';

const DEADLINE_MS = 2_000;

export interface SdkMetrics {
  /** For the Temporal runtime: its own exporter listens here, on loopback alone. */
  readonly bindAddress: string;
  /** What it says, in Prometheus' text format; a comment where it does not answer. */
  read(): Promise<string>;
}

/** Temporal's Core writes its metrics to a port of its own; ours passes them on, so that there is one page to read. */
export async function createSdkMetrics(): Promise<SdkMetrics> {
  const bindAddress = `127.0.0.1:${await freePort()}`;
  return {
    bindAddress,
    async read() {
      try {
        const reply = await fetch(`http://${bindAddress}/metrics`, { signal: AbortSignal.timeout(DEADLINE_MS) });
        return await reply.text();
      } catch {
        // Its Core closes the port when a connection fails, and opens it again with the next one.
        return '# The Temporal SDK has no metrics: the worker is not connected to Temporal.\n';
      }
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new TypeError('A TCP server has a port.');
  return address.port;
}
