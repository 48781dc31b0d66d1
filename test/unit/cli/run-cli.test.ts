import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { createCli, SecretInArgumentError, type CliRequest } from '../../../providers/cli/run-cli.ts';
import { Secret } from '../../../platform/secret.ts';
import { eventually } from '../../support/eventually.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { isRunning, told } from './processes.ts';

const program = (name: string): string => fileURLToPath(new URL(`programs/${name}`, import.meta.url));

const own = {
  PATH: process.env['PATH'],
  HTTPS_PROXY: 'http://proxy.example:3128',
  VAULT_TOKEN: 'vault-token',
  OVH_APPLICATION_SECRET: 'of-the-worker',
  HOME: '/somewhere',
};
const cli = createCli({ environment: own, graceMs: 200 });
afterAll(() => cli.close());

let folder: string;
beforeEach(() => void (folder = temporaryFolder()));

const request = (name: string, change: Partial<CliRequest> = {}): CliRequest => ({
  file: process.execPath,
  timeoutMs: 20_000,
  maxBytes: 100_000,
  signal: new AbortController().signal,
  env: {},
  ...change,
  args: [program(name), ...(change.args ?? [])],
});

interface Report {
  readonly args: string[];
  readonly env: Record<string, string>;
  readonly folder: string;
  readonly entries: string[];
  readonly stdin: string;
}

async function report(change: Partial<CliRequest> = {}): Promise<Report> {
  const result = await cli.run(request('report.mjs', change));
  if (result.outcome !== 'exited') throw new Error(`The program did not exit: ${result.outcome}`);
  return JSON.parse(result.stdout) as Report;
}

test('a program gets only its own variables and the allow-listed ones of the environment', async () => {
  const { env } = await report({ env: { OVH_ENDPOINT: 'https://eu.api.ovh.com/1.0' } });
  expect(Object.keys(env).toSorted()).toEqual(['HOME', 'HTTPS_PROXY', 'OVH_ENDPOINT', 'PATH', 'TMPDIR']);
});

test('a program starts in an empty folder of its own, which is its home and is deleted afterwards', async () => {
  const first = await report();
  const second = await report();
  expect(first.entries).toEqual([]);
  expect(first.env['HOME']).toBe(first.folder);
  expect(second.folder).not.toBe(first.folder);
  expect([first.folder, second.folder].filter((path) => existsSync(path))).toEqual([]);
});

test('arguments arrive unchanged, because no shell reads them', async () => {
  const args = ['$(id)', '; ls', '*', 'a b', '"', "'"];
  expect((await report({ args })).args).toEqual(args);
});

test('the standard input of a program is empty and closed from the start', async () => {
  expect((await report()).stdin).toBe('');
});

test('an exit code other than zero is a result, not an exception', async () => {
  const result = await cli.run(request('report.mjs', { env: { EXIT: '7' } }));
  expect(result).toMatchObject({ outcome: 'exited', exitCode: 7 });
});

test('a missing program is a result with the error code of the system', async () => {
  const result = await cli.run({ ...request('report.mjs'), file: join(folder, 'nowhere') });
  expect(result).toEqual({ outcome: 'not_started', code: 'ENOENT' });
});

test('a file that may not be executed is a result with the error code of the system', async () => {
  const result = await cli.run({ ...request('report.mjs'), file: program('README.md') });
  expect(result).toEqual({ outcome: 'not_started', code: 'EACCES' });
});

test('a secret is passed in the environment, redacted in the output, and refused in an argument', async () => {
  const secret = new Secret('at-0123456789');
  expect((await report({ env: { OVH_ACCESS_TOKEN: secret } })).env['OVH_ACCESS_TOKEN']).toBe('[redacted]');
  const leaking = request('report.mjs', { args: ['--token=at-0123456789'], env: { OVH_ACCESS_TOKEN: secret } });
  await expect(cli.run(leaking)).rejects.toThrow(SecretInArgumentError);
  await expect(cli.run(leaking)).rejects.not.toThrow('at-0123456789');
});

test('a program that exceeds its timeout is ended with its child processes, even if it ignores SIGTERM', async () => {
  const file = join(folder, 'told');
  const running = cli.run(request('stubborn.mjs', { args: [file, 'ignore-sigterm'], timeoutMs: 1_000 }));
  expect(await running).toEqual({ outcome: 'timed_out' });
  await expectGone(file);
});

test('an abort ends a program with its child processes', async () => {
  const file = join(folder, 'told');
  const controller = new AbortController();
  const running = cli.run(request('stubborn.mjs', { args: [file], signal: controller.signal }));
  await eventually('the program runs', () => told(file) !== undefined);
  controller.abort();
  expect(await running).toEqual({ outcome: 'cancelled' });
  await expectGone(file);
});

test('a program is not started, and writes no file, where the abort came before the start', async () => {
  const result = await cli.run(request('stubborn.mjs', { args: [join(folder, 'told')], signal: AbortSignal.abort() }));
  expect(result).toEqual({ outcome: 'cancelled' });
  expect(await readdir(folder)).toEqual([]);
});

test('a child process that a program leaves behind is ended when the program exits', async () => {
  const result = await cli.run(request('leave-child.mjs'));
  const pid = Number(result.outcome === 'exited' && result.stdout);
  expect(pid).toBeGreaterThan(1);
  await eventually('the child that was left behind is gone', () => !isRunning(pid));
});

test('a program that writes without end is ended at the output limit', async () => {
  expect(await cli.run(request('flood.mjs'))).toEqual({ outcome: 'output_too_large' });
});

test('a program whose signal is already aborted is not started', async () => {
  const file = join(folder, 'told');
  expect(await cli.run(request('stubborn.mjs', { args: [file], signal: AbortSignal.abort() }))).toEqual({
    outcome: 'cancelled',
  });
  expect(told(file)).toBeUndefined();
});

async function expectGone(file: string): Promise<void> {
  const { pids, folder: used } = told(file) ?? { pids: [], folder: '/' };
  expect(pids).toHaveLength(2);
  await eventually('the whole process group is gone', () => !pids.some((pid) => isRunning(pid)));
  expect(existsSync(used)).toBe(false);
}
