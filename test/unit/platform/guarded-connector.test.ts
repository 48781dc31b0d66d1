import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent, request } from 'undici';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createGuardedConnector } from '../../../platform/guarded-connector.ts';
import { createAddressRules } from '../../../platform/public-address.ts';

async function startServer() {
  let connections = 0;
  const server = createServer((_request, response) => response.end('reached'));
  server.on('connection', () => void (connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, connections: () => connections };
}

const through = (allowed: string): Agent =>
  new Agent({
    connect: createGuardedConnector({
      rules: createAddressRules(allowed),
      authorities: undefined,
      connectTimeoutMs: 1_000,
    }),
  });

describe('a guarded connector', () => {
  test('makes no connection to a literal address that is not allowed, which is never looked up', async () => {
    const server = await startServer();
    const url = `http://127.0.0.1:${server.port}/`;
    await expect(request(url, { dispatcher: through('') })).rejects.toThrow('must not be reached');
    expect(server.connections()).toBe(0);
  });

  test('makes no connection to a name that stands for one', async () => {
    const server = await startServer();
    const url = `http://localhost:${server.port}/`;
    await expect(request(url, { dispatcher: through('') })).rejects.toThrow('must not be reached');
    expect(server.connections()).toBe(0);
  });

  test('connects where it is allowed', async () => {
    const server = await startServer();
    const answer = await request(`http://127.0.0.1:${server.port}/`, { dispatcher: through('127.0.0.1') });
    expect(await answer.body.text()).toBe('reached');
  });
});
