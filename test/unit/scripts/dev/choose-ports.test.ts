import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { choosePorts, anyFreePort, isFree } from '../../../../scripts/dev/ports.ts';
import { StackError } from '../../../../scripts/dev/state-directory.ts';

async function listen(host?: string): Promise<number> {
  const server = createServer().listen(0, host);
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

test('a taken API port fails with one sentence that suggests a free port', async () => {
  const port = await listen('127.0.0.1');

  const error = await choosePorts({ PORT: String(port) }).catch((thrown: unknown) => thrown);

  expect(error).toBeInstanceOf(StackError);
  const [, remedy] = /^Port \d+ is in use .*, e\.g\. PORT=(\d+) npm start\.$/.exec((error as Error).message) ?? [];
  expect(await isFree(Number(remedy))).toBe(true);
});

test.each([undefined, '127.0.0.1', '::1'])('a port on which something listens at %s is not free', async (host) => {
  expect(await isFree(await listen(host))).toBe(false);
});

test('the other processes move to free ports, each to its own', async () => {
  const api = await anyFreePort();
  const taken = await listen('127.0.0.1');

  const ports = await choosePorts({}, { api, temporal: taken, ui: taken, sandbox: api });

  expect(ports.api).toBe(api);
  expect(new Set(Object.values(ports)).size).toBe(5);
  expect(Object.values(ports)).not.toContain(taken);
  expect(ports.sandbox).toBeGreaterThan(api);
});

test('a PORT that is not a port number is refused by name', async () => {
  await expect(choosePorts({ PORT: 'http' })).rejects.toThrow('PORT "http" is not valid: it must be a port number');
});
