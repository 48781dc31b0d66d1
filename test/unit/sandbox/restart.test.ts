import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { createTables } from '../../../sandbox/core/tables.ts';
import { speakOvh } from './ovh-under-test.ts';

const main = new URL('../../../sandbox/main.ts', import.meta.url).pathname;

let folder: string;
const children: ChildProcess[] = [];
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'mooring-sandbox-'))));
afterEach(async () => {
  for (const child of children.splice(0)) await kill(child);
  rmSync(folder, { recursive: true });
});

function start(environment: Record<string, string>) {
  const child = spawn(process.execPath, ['--experimental-strip-types', '--no-warnings', main], {
    env: { ...process.env, SANDBOX_PORT: '0', SANDBOX_STATE_FILE: join(folder, 'state', 'sandbox.db'), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  return child;
}

async function listening(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('The child has no output.');
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /listen on (http\S+)/.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error('The sandbox ended before it listened.');
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

describe('the sandbox as a process', () => {
  test('the sandbox keeps spent tokens, settings and counters after kill -9 in the middle of a refresh', async () => {
    const first = start({});
    const before = speakOvh(await listening(first));
    const { accessToken, refreshToken } = await before.signIn();
    await before.cloud.change({ ovh: { rotationGraceSeconds: 30 } });
    await before.cloud.fault({ endpoint: 'token.refresh' }, { kind: 'hold_after' });
    const cut = before.refresh(refreshToken).catch(() => 'cut');
    await before.cloud.waitForHold('token.refresh');
    await kill(first);
    expect(await cut).toBe('cut');

    const after = speakOvh(await listening(start({})));
    expect(await after.cloud.counters()).toMatchObject({ codesRedeemed: 1, refreshTokensSpent: 1 });
    expect((await after.cloud.settings()).ovh.rotationGraceSeconds).toBe(30);
    expect(await after.api('/me', accessToken)).toMatchObject({ status: 200 });
    const replayed = await after.refresh(refreshToken);
    expect(replayed).toMatchObject({ status: 200 });
    expect(await after.refresh(replayed.body.refresh_token ?? '')).toMatchObject({ status: 200 });
  });

  test('a port in use ends the sandbox with one clear sentence and exit code 1', async () => {
    const url = await listening(start({}));
    const port = new URL(url).port;
    const second = start({ SANDBOX_PORT: port, SANDBOX_STATE_FILE: '' });
    const said: string[] = [];
    second.stderr?.on('data', (chunk: Buffer) => said.push(chunk.toString()));
    const [code] = (await once(second, 'close')) as [number];
    expect(code).toBe(1);
    expect(said.join('').trim()).toBe(`Port ${port} is in use: stop what listens there, or set SANDBOX_PORT.`);
  });
});

describe('a table', () => {
  test.each([
    ['in memory', () => undefined],
    ['in a file', () => join(folder, 'tables.db')],
  ])('a table %s keeps nothing of a transaction that failed', (_, file) => {
    const tables = createTables(file());
    const rows = tables.table<{ n: number }>('numbers');
    tables.commit(() => rows.put('a', { n: 1 }));
    expect(() =>
      tables.commit(() => {
        rows.put('a', { n: 2 });
        rows.put('b', { n: 3 });
        throw new Error('half-way');
      }),
    ).toThrow('half-way');
    expect([...rows.values()]).toEqual([{ n: 1 }]);
    tables.close();
    const path = file();
    if (path === undefined) return;
    const reopened = createTables(path);
    expect([...reopened.table('numbers').values()]).toEqual([{ n: 1 }]);
    reopened.close();
  });
});
