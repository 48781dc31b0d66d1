import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessName } from './plan.ts';
import type { StateDirectory } from './state-directory.ts';

/** `.mooring/dev.json`: what runs, for scripts and tests. There only while the stack is up. */
export interface DevInfo {
  readonly api: string;
  readonly ui: string | null;
  readonly apiKey: string | null;
  readonly sandbox: string | null;
  readonly temporal: string;
  readonly pids: Readonly<Record<ProcessName, number | null>>;
}

const FILE = 'dev.json';

export const writeDevInfo = (directory: StateDirectory, info: DevInfo): void =>
  directory.write(FILE, `${JSON.stringify(info, null, 2)}\n`);

export const removeDevInfo = (directory: StateDirectory): void => rmSync(directory.file(FILE), { force: true });

export const readDevInfo = (stateDirectory: string): DevInfo =>
  JSON.parse(readFileSync(join(stateDirectory, FILE), 'utf8')) as DevInfo;
