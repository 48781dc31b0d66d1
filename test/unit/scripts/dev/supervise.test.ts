import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openChildLog } from '../../../../scripts/dev/child-log.ts';
import { isAlive } from '../../../../scripts/dev/leftovers.ts';
import { supervise } from '../../../../scripts/dev/supervise.ts';
import { eventually } from '../../../support/eventually.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { createJournal, standInPlan } from './journal.ts';

function superviseStandIn(environment: Record<string, string> = {}) {
  const folder = temporaryFolder();
  const journal = createJournal(join(folder, 'journal'));
  const said: string[] = [];
  const started: number[] = [];
  const misconfigured: string[] = [];
  const log = openChildLog(join(folder, 'stand-in.log'), (line) => said.push(line));
  const supervised = supervise(standInPlan('api', journal, { environment }), log, {
    started: (_, pid) => started.push(pid),
    say: (line) => said.push(line),
    misconfigured: (_, sentences) => misconfigured.push(sentences),
  });
  onTestFinished(async () => {
    await supervised.stop(0);
    log.close();
  });
  supervised.start();
  return { supervised, journal, said, started, misconfigured };
}

test('a killed process is started again, and both starts are reported', async () => {
  const { supervised, journal, said, started } = superviseStandIn();
  const [first] = await eventually('the first start', () => journal.pids('api').length === 1 && journal.pids('api'));

  supervised.kill('SIGKILL');
  const pids = await eventually('a second start', () => journal.pids('api').length === 2 && journal.pids('api'));

  expect(pids[1]).not.toBe(first);
  expect(started).toEqual(pids);
  expect(supervised.pid()).toBe(pids[1]);
  expect(said).toEqual(['api was ended by SIGKILL; starting it again in 0.25 s.']);
});

test('a process whose configuration is wrong is not started again, and its message is reported', async () => {
  const sentence = 'PORT "x" is not valid: it must be a port number, e.g. 5000.';
  const { started, misconfigured, said } = superviseStandIn({ REFUSE: sentence });

  await eventually('the report', () => misconfigured.length > 0);

  expect(misconfigured).toEqual([sentence]);
  expect(started).toHaveLength(1);
  expect(said.filter((line) => line.includes('starting it again'))).toEqual([]);
});

test('a stopped process gets SIGTERM, ends, and is not started again', async () => {
  const { supervised, journal, started } = superviseStandIn();
  const [pid] = await eventually('the start', () => journal.pids('api').length === 1 && journal.pids('api'));

  await supervised.stop(10_000);
  supervised.start();

  expect(journal.lines().at(-1)).toBe('api stopped');
  expect(isAlive(pid ?? 0)).toBe(false);
  expect(started).toHaveLength(1);
});

test('a process that ignores SIGTERM is killed after the timeout', async () => {
  const { supervised, journal } = superviseStandIn({ STUBBORN: 'yes' });
  const [pid] = await eventually('the start', () => journal.pids('api').length === 1 && journal.pids('api'));

  await supervised.stop(50);

  expect(isAlive(pid ?? 0)).toBe(false);
  expect(journal.lines()).not.toContain('api stopped');
});

test('the children of a killed process end with it', async () => {
  const { supervised, journal } = superviseStandIn({ GRANDCHILD: 'yes' });
  await eventually('the start', () => journal.pids('api').length === 1);
  const grandchild = Number(/grandchild (\d+)/.exec(journal.lines().join('\n'))?.[1]);
  expect(isAlive(grandchild)).toBe(true);

  supervised.kill('SIGKILL');

  await eventually('the grandchild to be gone', () => !isAlive(grandchild));
});
