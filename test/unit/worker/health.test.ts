import type { AddressInfo } from 'node:net';
import type { Worker } from '@temporalio/worker';
import { expect, it, onTestFinished } from 'vitest';
import { healthAddress, serveHealth } from '../../../worker/health.ts';

it('the worker’s port answers health, readiness and metrics, and 404 for any other request', async () => {
  let state = 'INITIALIZED';
  const worker = { getState: () => state } as unknown as Worker;
  let temporal: () => Promise<unknown> = async () => ({});
  const app = await serveHealth(
    { port: 0 },
    {
      workers: () => [worker],
      askTemporal: () => temporal(),
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
    '{"status":"running","workers":["RUNNING"],"temporal":"ok","listing":{"sky":{"source":"rest","version":null,"notice":null}}}',
  ]);
  temporal = () => new Promise(() => undefined);
  const [status, body] = await get('/readyz');
  expect([status, JSON.parse(body)]).toMatchObject([503, { status: 'running', temporal: 'does not answer' }]);
  expect(await get('/healthz')).toEqual([200, '{"status":"running","workers":["RUNNING"]}']);
  expect(await get('/metrics')).toEqual([200, 'mooring_refreshes_total 1\n']);
  expect((await get('/metrics', 'POST'))[0]).toBe(404);
  expect((await get('/anything'))[0]).toBe(404);
});

it.each([
  [{ dev: true, metricsPort: 0 }, /^127\.0\.0\.1$/],
  [{ dev: false, metricsPort: 0 }, /^(::|0\.0\.0\.0)$/],
])('with the settings %o the port listens on an address that matches %s', async (config, address) => {
  const nothing = {
    workers: () => [],
    askTemporal: async () => ({}),
    metrics: async () => '',
    listing: async () => ({}),
  };
  const app = await serveHealth(healthAddress(config), nothing);
  onTestFinished(() => app.close());
  expect((app.server.address() as AddressInfo).address).toMatch(address);
});
