import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { recordProcesses, isAlive } from '../../../../scripts/dev/leftovers.ts';
import { createStack } from '../../../../scripts/dev/lifecycle.ts';
import type { ProcessName, StackPlan } from '../../../../scripts/dev/plan.ts';
import { anyFreePort } from '../../../../scripts/dev/ports.ts';
import { StackError, openStateDirectory } from '../../../../scripts/dev/state-directory.ts';
import { eventually } from '../../../support/eventually.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { createJournal, standInPlan } from './journal.ts';
import { otherProgram } from './other-program.ts';

const startId = 'of-this-start';

async function standInStack(environments: Partial<Record<ProcessName, Record<string, string>>> = {}) {
  const directory = openStateDirectory(join(temporaryFolder(), '.mooring'));
  const journal = createJournal(directory.file('journal'));
  const [api, temporal] = [await anyFreePort(), await anyFreePort()];
  const part = (name: ProcessName, port = 0) =>
    standInPlan(name, journal, { port, environment: environments[name] ?? {} });
  const plan: StackPlan = {
    addresses: { api: `http://localhost:${api}`, ui: 'http://localhost:8233', sandbox: 'http://127.0.0.1:5010' },
    temporalAddress: `127.0.0.1:${temporal}`,
    processes: {
      temporal: part('temporal', temporal),
      sandbox: part('sandbox'),
      worker: part('worker'),
      api: standInPlan('api', journal, { port: api, environment: { MOORING_START_ID: startId, ...environments.api } }),
    },
    standIns: [],
    environment: {},
    startId,
  };
  const said: string[] = [];
  const open = () => {
    const stack = createStack({
      directory,
      plan: async () => plan,
      say: (line) => said.push(line),
      apiKeys: async () => ({ apiKey: 'mrg_key', operatorKey: 'mrg_operator' }),
    });
    onTestFinished(stack.stopNow);
    return stack;
  };
  const devInfo = () => JSON.parse(readFileSync(directory.file('dev.json'), 'utf8')) as ReturnType<typeof stack.info>;
  const stack = open();
  return { stack, open, plan, directory, journal, said, devInfo };
}

test('dev.json lists addresses and pids, is readable by its owner alone, and exists only while the stack is up', async () => {
  const { stack, plan, directory, devInfo } = await standInStack();
  await stack.start();

  const { pids, ...facts } = devInfo();
  expect(facts).toEqual({
    ...plan.addresses,
    apiKey: 'mrg_key',
    operatorKey: 'mrg_operator',
    temporal: plan.temporalAddress,
  });
  expect(Object.keys(pids).toSorted()).toEqual(['api', 'sandbox', 'temporal', 'worker']);
  expect(Object.values(pids).every((pid) => pid !== null && isAlive(pid))).toBe(true);
  expect(statSync(directory.file('dev.json')).mode & 0o777).toBe(0o600);
  expect(statSync(directory.path).mode & 0o777).toBe(0o700);

  await stack.stop();
  expect(existsSync(directory.file('dev.json'))).toBe(false);
  expect(Object.values(pids).some((pid) => pid !== null && isAlive(pid))).toBe(false);
});

test.each(['worker', 'api', 'temporal', 'sandbox'] as const)(
  'a killed %s is restarted, and dev.json has its new pid',
  async (name) => {
    const { stack, devInfo } = await standInStack();
    await stack.start();
    const before = devInfo().pids;

    stack.kill(name);
    const after = await eventually('a new pid', () => {
      const { pids } = devInfo();
      return pids[name] !== null && pids[name] !== before[name] && pids;
    });

    expect(isAlive(after[name] ?? 0)).toBe(true);
    expect({ ...after, [name]: 0 }).toEqual({ ...before, [name]: 0 });
  },
);

test('the worker and the API end before Temporal and the sandbox are stopped', async () => {
  const { stack, journal } = await standInStack();
  await stack.start();
  // The start does not wait for the worker and the sandbox, and a process stopped before it is ready journals nothing.
  const started = () => journal.lines().filter((line) => / started \d+$/.test(line));
  await eventually('all four to have started', () => started().length === 4);

  await stack.stop();

  const ends = journal.lines().flatMap((line) => (line.endsWith(' stopped') ? [line.replace(' stopped', '')] : []));
  expect(ends.slice(0, 2).toSorted()).toEqual(['api', 'worker']);
  expect(ends.slice(2).toSorted()).toEqual(['sandbox', 'temporal']);
});

test('a process that refuses its configuration fails the start with its own message, and no process is left', async () => {
  const sentence = 'REDIS_URL is not valid: it must be a redis:// or rediss:// URL.';
  const { stack, journal } = await standInStack({ worker: { REFUSE: sentence }, api: { UNREADY: 'yes' } });

  await expect(stack.start()).rejects.toThrow(sentence);
  await stack.stop();

  const pids = ['temporal', 'sandbox', 'api'].flatMap(journal.pids);
  expect(pids.filter(isAlive)).toEqual([]);
});

test('a second start in the same directory is refused and says where the first one runs', async () => {
  const { stack, open, plan, directory } = await standInStack();
  await stack.start();

  await expect(open().start()).rejects.toThrow(
    `Mooring is already running from ${directory.path} at ${plan.addresses.api}: use that one, or stop it first (Ctrl-C).`,
  );
  expect(existsSync(directory.file('dev.json'))).toBe(true);
});

test('orphans of a killed supervisor are ended before anything starts, and other processes are left alone', async () => {
  const { stack, directory, journal, said } = await standInStack();
  const leftover = standInPlan('temporal', journal);
  const orphan = spawn(leftover.command, [...leftover.args], { detached: true, stdio: 'ignore' });
  const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  onTestFinished(() => void stranger.kill('SIGKILL'));
  const gone = once(orphan, 'exit');
  await eventually('the orphan to serve', () => journal.pids('temporal').length === 1);
  recordProcesses(directory, { temporal: orphan.pid ?? null, worker: stranger.pid ?? null });

  await stack.start();
  await gone;

  expect(journal.lines().slice(0, 2)).toEqual([`temporal started ${orphan.pid}`, 'temporal stopped']);
  expect(said[0]).toBe(`An earlier start was killed and left temporal (${orphan.pid}) running: ending them first.`);
  expect(isAlive(stranger.pid ?? 0)).toBe(true);
});

test('a stop during the start ends all processes that have started', async () => {
  const { stack, journal } = await standInStack({ api: { UNREADY: 'yes' } });
  const start = stack.start().catch((error: unknown) => error);
  const pids = await eventually('everything to be started', () => {
    const all = ['temporal', 'sandbox', 'worker', 'api'].flatMap(journal.pids);
    return all.length === 4 && all;
  });

  await stack.stop();

  expect(await start).toEqual(new StackError('Stopped before it was up.'));
  expect(pids.filter(isAlive)).toEqual([]);
});

test('a program that answers on the port of the API is not taken for it, and the start fails with a sentence', async () => {
  const { stack, plan, directory } = await standInStack();
  const { requests } = await otherProgram(new URL(plan.addresses.api).port);

  await expect(stack.start()).rejects.toThrow(
    new StackError(
      `Another program answers at ${plan.addresses.api} in place of Mooring's API: stop it, or choose another port for the API, e.g. PORT=5080 npm start.`,
    ),
  );

  expect(existsSync(directory.file('dev.json'))).toBe(false);
  expect(requests.length).toBeGreaterThan(0);
  expect(requests.filter(({ authorization }) => authorization !== undefined)).toEqual([]);
});

test('an API of another start on the port is not taken for this one', async () => {
  const { stack } = await standInStack({ api: { MOORING_START_ID: 'of-another-start' } });
  await expect(stack.start()).rejects.toThrow('Another program answers at http://localhost:');
});
