import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';

/**
 * - `passes`   as if it were not there
 * - `hangs`    takes everything, forwards nothing
 * - `refuses`  resets every connection
 * - `loses`    forwards the request and resets the connection when the answer comes: a write has landed
 */
export type ProxyMode = 'passes' | 'hangs' | 'refuses' | 'loses';

export interface TcpProxy {
  /** On the loopback address. */
  readonly port: number;
  /** For new and for open connections; what was kept back while it hung is gone for good. */
  set(mode: ProxyMode): void;
  close(): Promise<void>;
}

/** A network between two processes that misbehaves on command. */
export async function startTcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  let mode: ProxyMode = 'passes';
  const clients = new Set<Socket>();

  const server = createServer((client) => {
    if (mode === 'refuses') return void client.resetAndDestroy();
    const upstream = connect(target);
    const end = (): void => {
      clients.delete(client);
      client.destroy();
      upstream.destroy();
    };
    clients.add(client);
    client.on('data', (chunk) => {
      if (mode !== 'hangs') upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      if (mode === 'loses') client.resetAndDestroy();
      else if (mode !== 'hangs') client.write(chunk);
    });
    for (const socket of [client, upstream]) socket.on('error', end).on('close', end);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    port: (server.address() as AddressInfo).port,
    set(next) {
      // A connection that has swallowed a request must not answer the next one out of step.
      if (mode === 'hangs' || next === 'refuses') for (const client of clients) client.resetAndDestroy();
      mode = next;
    },
    async close() {
      for (const client of clients) client.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
