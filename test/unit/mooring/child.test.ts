import { expect, test } from 'vitest';
import { runChild } from '../../../cli/child.ts';

const script = (code: string): string[] => [process.execPath, '-e', code];

test('the exit code is that of the program', async () => {
  expect(await runChild(script('process.exit(Number(process.env.CODE))'), { CODE: '7' })).toBe(7);
});

test('the program gets the given environment and nothing else', async () => {
  expect(await runChild(script("process.exit('HOME' in process.env ? 1 : 0)"), {})).toBe(0);
});

test('a program that a signal ends gives 128 and the number of the signal', async () => {
  expect(await runChild(script("process.kill(process.pid, 'SIGKILL')"), {})).toBe(137);
});

test('a signal goes on to the program', async () => {
  const handled = script(
    "process.on('SIGUSR2', () => process.exit(3)); process.kill(process.ppid, 'SIGUSR2'); setTimeout(() => process.exit(1), 20_000)",
  );
  expect(await runChild(handled, {})).toBe(3);
});

test('a program that does not exist is an error with the exit code 127', async () => {
  await expect(runChild(['no-such-program-here'], {})).rejects.toMatchObject({
    code: 'command_not_started',
    exitCode: 127,
  });
});
