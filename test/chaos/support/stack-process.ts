import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Ports, anyFreePort } from '../../../scripts/dev/ports.ts';
import { readDevInfo, type DevInfo } from '../../../scripts/dev/state-directory.ts';
import { processNames, type ProcessName } from '../../../scripts/dev/plan.ts';
import { eventually } from '../../support/eventually.ts';
import { makeStateFolder, removeStateFolder } from './state-folder.ts';

const UP_WITHIN_MS = 120_000;
const program = join(import.meta.dirname, 'stack-main.ts');

/** A whole stack in one folder that can be killed and started again; everything of it, and nothing else. */
export interface StackProcess {
  readonly stateDirectory: string;
  info(): DevInfo;
  /** A signal to the parts named, by the pids of this stack's own dev.json. */
  signal(signal: NodeJS.Signals, ...names: readonly ProcessName[]): void;
  /** kill -9 of the supervisor and all four parts at once. */
  killAll(): Promise<void>;
  /** SIGTERM to the supervisor; resolves with its exit code. */
  terminate(): Promise<number | null>;
  start(): Promise<void>;
  /** Stops it and forgets everything. */
  dispose(): Promise<void>;
  /** Until the parts named run under other pids than before, the API is ready and the worker polls: "it is up". */
  untilUpAgain(before: DevInfo['pids'], ...names: readonly ProcessName[]): Promise<void>;
}

export async function createStackProcess(): Promise<StackProcess> {
  const stateDirectory = await makeStateFolder();
  const [api, metrics, sandbox, temporal, ui] = await Promise.all(Array.from({ length: 5 }, anyFreePort));
  const ports = { api, metrics, sandbox, temporal, ui } as Ports;
  // Without the program resources are listed over HTTP: thirty processes for each connection would be most of the load.
  const environment = { PATH: process.env['PATH'], HOME: process.env['HOME'], OVHCLOUD_PATH: '/nowhere/ovhcloud' };
  let child: ChildProcess | undefined;
  let said = '';

  const pids = (): DevInfo['pids'] => readDevInfo(stateDirectory).pids;
  const noPids: DevInfo['pids'] = { temporal: null, sandbox: null, worker: null, api: null };

  const stack: StackProcess = {
    stateDirectory,
    info: () => readDevInfo(stateDirectory),
    signal(signal, ...names) {
      const running = pids();
      for (const name of names) process.kill(running[name] ?? notRunning(name), signal);
    },
    async killAll() {
      const exit = once(child ?? notRunning('supervisor'), 'exit');
      // The supervisor first: it must not see anything die.
      child?.kill('SIGKILL');
      stack.signal('SIGKILL', ...processNames);
      await exit;
    },
    async terminate() {
      const exit = once(child ?? notRunning('supervisor'), 'exit') as Promise<[number | null]>;
      child?.kill('SIGTERM');
      return (await exit)[0];
    },
    async start() {
      // A clean stop takes dev.json with it; a kill leaves the old one.
      const before = existsSync(join(stateDirectory, 'dev.json')) ? pids() : noPids;
      said = '';
      child = spawn(
        process.execPath,
        [
          '--experimental-strip-types',
          '--disable-warning=ExperimentalWarning',
          program,
          stateDirectory,
          JSON.stringify(ports),
        ],
        { env: environment, stdio: ['ignore', 'ignore', 'pipe'] },
      );
      child.stderr?.on('data', (chunk) => (said += String(chunk)));
      await stack.untilUpAgain(before, ...processNames);
    },
    async dispose() {
      if (child?.exitCode === null) await stack.terminate();
      await removeStateFolder(stateDirectory);
    },
    async untilUpAgain(before, ...names) {
      const look = async (): Promise<boolean> => {
        if (child?.exitCode !== null) throw new Error(`The stack ended: ${said}`);
        const now = pids();
        if (names.some((name) => now[name] === null || now[name] === before[name])) return false;
        const addresses = [`${stack.info().api}/readyz`, `http://127.0.0.1:${ports.metrics}/healthz`];
        return (await Promise.all(addresses.map(async (address) => await fetch(address)))).every(({ ok }) => ok);
      };
      await eventually('the stack to be up', look, UP_WITHIN_MS);
    },
  };
  return stack;
}

function notRunning(name: string): never {
  throw new Error(`No ${name} runs in this stack.`);
}
