import type { AddressInfo } from 'node:net';
import type { Worker } from '@temporalio/worker';
import { expect, it, onTestFinished } from 'vitest';
import { healthAddress, serveHealth } from '../../../worker/health.ts';

it('the worker’s port answers health, readiness and metrics, and 404 for any other request', async () => {
  let state = 'INITIALIZED';
  const worker = { getState: () => state } as unknown as Worker;
  const app = await serveHealth(
    { port: 0 },
    {
      workers: () => [worker],
      metrics: async () => 'mooring_refreshes_total 1\n',
      listing: async () => ({ sky: { source: 'rest', version: null, notice: null } }),
    },
  );
  onTestFinished(() => app.close());
  const { port } = app.server.address() as AddressInfo;
  const get = async (path: string, method = 'GET') => {
    const reply = await fetch(`http://127.0.0.1:${port}${path}`, { method });
    return [reply.status, await reply.text()] as const;
  };
  expect((await get('/healthz'))[0]).toBe(503);
  state = 'RUNNING';
  expect((await get('/healthz'))[0]).toBe(200);
  expect(await get('/readyz')).toEqual([
    200,
    '{"status":"ok","workers":["RUNNING"],"listing":{"sky":{"source":"rest","version":null,"notice":null}}}',
  ]);
  expect(await get('/metrics')).toEqual([200, 'mooring_refreshes_total 1\n']);
  expect((await get('/metrics', 'POST'))[0]).toBe(404);
  expect((await get('/anything'))[0]).toBe(404);
});

it.each([
  [{ dev: true, metricsPort: 0 }, /^127\.0\.0\.1$/],
  [{ dev: false, metricsPort: 0 }, /^(::|0\.0\.0\.0)$/],
])('with the settings %o the port listens on an address that matches %s', async (config, address) => {
  const nothing = { workers: () => [], metrics: async () => '', listing: async () => ({}) };
  const app = await serveHealth(healthAddress(config), nothing);
  onTestFinished(() => app.close());
  expect((app.server.address() as AddressInfo).address).toMatch(address);
});
