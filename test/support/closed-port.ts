import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

/** The URL of a port of this machine that no server listens on. */
export async function closedPort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${(address as AddressInfo).port}/token`;
}
