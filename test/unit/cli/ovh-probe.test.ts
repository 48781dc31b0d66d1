import { describe, expect, test } from 'vitest';
import type { Cli, CliRequest, CliResult } from '../../../providers/cli/run-cli.ts';
import { commandOf, createProbe, isKnownRelease } from '../../../providers/ovh/discovery/program.ts';

const known = {
  '--help': 'Usage:\n  ovhcloud [command]\n\nFlags:\n  -j, --json            Output in JSON\n',
  'cloud --help': 'Available Commands:\n  instance           Manage instances\n  kube               Manage clusters\n',
  'version --json': '[{"version":"0.5.0"}]',
};
const later = {
  '--help': 'Usage:\n  ovhcloud [command]\n\nFlags:\n  -o, --output string    Output format\n',
  'cloud --help': 'Available Commands:\n  instance           Manage\n  managed-kubernetes Manage clusters\n',
};

/** A program that prints `answers`, can be removed and installed again, and records its runs. */
function fakeProgram(answers: Readonly<Record<string, string>>) {
  const runs: string[] = [];
  const state = { installed: true };
  const cli: Cli = {
    run: async ({ args }: CliRequest): Promise<CliResult> => {
      runs.push(args.join(' '));
      if (!state.installed) return await Promise.resolve({ outcome: 'not_started', code: 'ENOENT' });
      const stdout = answers[args.join(' ')];
      return { outcome: 'exited', exitCode: stdout === undefined ? 1 : 0, stdout: stdout ?? '', stderr: '' };
    },
    close: () => undefined,
  };
  const clock = { at: 0, now: () => clock.at };
  return { cli, runs, state, clock, probe: createProbe({ cli, program: '/opt/ovhcloud', clock }) };
}

describe('the probe', () => {
  test('the probe finds a known release and its version', async () => {
    expect(await fakeProgram(known).probe()).toEqual({ outcome: 'ready', version: '0.5.0' });
  });

  test('the probe runs its three commands once for all callers and keeps the result', async () => {
    const { probe, runs, clock } = fakeProgram(known);
    await Promise.all([probe(), probe(), probe()]);
    clock.at = 86_400_000;
    await probe();
    expect(runs).toHaveLength(3);
  });

  test('the probe says where a missing program was looked for, and finds it a minute later once it is installed', async () => {
    const { probe, state, clock } = fakeProgram(known);
    state.installed = false;
    const missing = await probe();
    expect(missing).toMatchObject({ outcome: 'unusable', problem: { code: 'ovhcloud_missing' } });
    expect(missing.outcome === 'unusable' && missing.problem.message).toContain('/opt/ovhcloud (ENOENT)');
    state.installed = true;
    clock.at = 59_999;
    expect((await probe()).outcome).toBe('unusable');
    clock.at = 60_000;
    expect((await probe()).outcome).toBe('ready');
  });

  test.each([
    ['a later release', later],
    ['another program', { '--help': 'usage: something [options]' }],
    ['flags of one release and commands of another', { ...known, 'cloud --help': later['cloud --help'] }],
    ['no help at all', {}],
  ])('the probe reports an unknown release: %s', async (_what, answers) => {
    const result = await fakeProgram(answers).probe();
    expect(result).toMatchObject({ outcome: 'unusable', problem: { code: 'ovhcloud_dialect_unknown' } });
  });
});

test('a command or flag that only begins like a known one is not accepted', () => {
  expect(isKnownRelease('  -j, --json-lines   x', known['cloud --help'])).toBe(false);
  expect(isKnownRelease(known['--help'], '  kube-config  x')).toBe(false);
});

test('a program in JavaScript runs on the Node.js of this process, any other program by itself', () => {
  expect(commandOf('/opt/ovhcloud.mjs')).toEqual([process.execPath, '/opt/ovhcloud.mjs']);
  expect(commandOf('/usr/local/bin/ovhcloud')).toEqual(['/usr/local/bin/ovhcloud']);
});
