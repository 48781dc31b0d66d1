import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { readDevInfo, type DevInfo } from '../../scripts/dev/state-directory.ts';
import { anyFreePort } from '../../scripts/dev/ports.ts';
import { startStack } from '../../scripts/dev/stack.ts';
import type { Stack } from '../../scripts/dev/lifecycle.ts';
import { eventually } from '../support/eventually.ts';

const WITHIN_MS = 60_000;

interface Connection {
  readonly id: string;
  readonly status: string;
}

/** The stack of `npm start`, with its own Temporal and no variable set. */
describe.skipIf(inject('components').temporal === null)('the development stack', { timeout: 120_000 }, () => {
  let stateDirectory: string;
  let stack: Stack;

  const start = async (): Promise<Stack> =>
    await startStack({
      stateDirectory,
      environment: { PATH: process.env['PATH'], HOME: process.env['HOME'], PORT: String(await anyFreePort()) },
      ports: { metrics: await anyFreePort(), sandbox: await anyFreePort(), temporal: await anyFreePort() },
    });
  const call = async <T>(path: string, init: RequestInit = {}): Promise<T> => {
    const { api, apiKey } = stack.info();
    const response = await fetch(`${api}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    });
    if (!response.ok) throw new Error(`${path} answers ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  };
  const connect = async (): Promise<Connection> => {
    const body = JSON.stringify({ provider: 'ovh', region: 'ovh-eu' });
    return (await call<{ connection: Connection }>('/v1/connections', { method: 'POST', body })).connection;
  };
  const get = async (id: string): Promise<Connection> => await call(`/v1/connections/${id}`);

  beforeAll(async () => {
    stateDirectory = await mkdtemp(join(tmpdir(), 'mooring-stack-'));
    stack = await start();
  }, 120_000);

  afterAll(async () => {
    await stack.stop();
    await rm(stateDirectory, { recursive: true, force: true });
  }, 120_000);

  test('the development stack accepts its first request with the address and key from dev.json', async () => {
    expect(readDevInfo(stateDirectory)).toEqual(stack.info());

    expect(await connect()).toMatchObject({
      id: expect.stringMatching(/^con_/) as string,
      status: 'awaiting_customer',
    });
  });

  test.each(['worker', 'api', 'sandbox', 'temporal'] as const)(
    'the development stack serves again after its %s was killed',
    async (name) => {
      const connection = await connect();
      const before = stack.info().pids[name];

      stack.kill(name);

      await eventually('another process', () => stack.info().pids[name] !== before, WITHIN_MS);
      const view = await eventually('the connection', async () => await get(connection.id), WITHIN_MS);
      expect(view).toMatchObject({ id: connection.id, status: 'awaiting_customer' });
    },
  );

  test('the operator’s key of the development stack reads metrics and pauses a cloud, and the other key does not', async () => {
    const { api, apiKey, operatorKey } = stack.info();
    const status = async (path: string, key: string | null, method = 'GET') =>
      (await fetch(api + path, { method, headers: { authorization: `Bearer ${key}` } })).status;
    for (const [path, method] of [
      ['/metrics', 'GET'],
      ['/v1/providers/ovh/pause', 'POST'],
      ['/v1/providers/ovh/resume', 'POST'],
    ] as const) {
      expect([path, await status(path, apiKey, method)]).toEqual([path, 403]);
      expect([path, await status(path, operatorKey, method)]).toEqual([path, 200]);
    }
  });

  test('mooring finds the development stack of its checkout, with either of its keys, without any configuration', async () => {
    const mooring = async (...args: string[]) =>
      await execa(process.execPath, [join(import.meta.dirname, '../../scripts/mooring.mjs'), ...args], {
        extendEnv: false,
        env: { PATH: process.env['PATH'], MOORING_STATE_DIR: stateDirectory, XDG_CONFIG_HOME: stateDirectory },
        reject: false,
        timeout: WITHIN_MS,
      });

    const status = await mooring('status');
    expect(status.exitCode, status.stderr).toBe(0);
    expect(status.stdout).toContain('workers\tok');
    expect(JSON.parse((await mooring('whoami', '--json', 'tenant')).stdout)).toEqual({ tenant: 'default' });
    const operator = await mooring('--profile', 'local-operator', 'whoami', '--json', 'tenant');
    expect(JSON.parse(operator.stdout)).toEqual({ tenant: 'operators' });
  });

  test('the development stack has the same API keys and connections after a second start', async () => {
    const connection = await connect();
    const { apiKey, operatorKey } = stack.info() satisfies DevInfo;

    await stack.stop();
    stack = await start();

    expect(stack.info()).toMatchObject({ apiKey, operatorKey });
    const view = await eventually('the connection', async () => await get(connection.id), WITHIN_MS);
    expect(view).toMatchObject({ id: connection.id, status: 'awaiting_customer' });
  });
});
