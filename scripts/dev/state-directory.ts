import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync, closeSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { KeyRing } from '../../platform/key-ring.ts';
import type { ProcessName } from './plan.ts';

/**
 * `.mooring/`: everything that a development stack keeps, readable by its owner only. The key ring in it protects data
 * that leaves the directory (Temporal payloads, links), but not the directory itself, because the keys are on the same
 * disk.
 */
export interface StateDirectory {
  readonly path: string;
  readonly keyRing: () => string;
  /** The unguessable path under which the stack's own Temporal UI may decode payloads. */
  readonly codecPathToken: () => string;
  readonly file: (name: string) => string;
  readonly read: (name: string) => string | null;
  /** Replaces a file in one step: readers see the old content or the new, never half of it. */
  readonly write: (name: string, content: string) => void;
}

export function openStateDirectory(path: string): StateDirectory {
  mkdirSync(join(path, 'logs'), { recursive: true, mode: 0o700 });
  chmodSync(path, 0o700);
  const file = (name: string): string => join(path, name);

  const read = (name: string): string | null => {
    try {
      return readFileSync(file(name), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  };
  const write = (name: string, content: string): void => {
    // One that was left over keeps its mode: it must not give it to the file.
    rmSync(file(`${name}.new`), { force: true });
    writeFileSync(file(`${name}.new`), content, { mode: 0o600 });
    renameSync(file(`${name}.new`), file(name));
  };
  const once = (name: string, make: () => string): string => {
    const kept = read(name)?.trim();
    if (kept) return kept;
    const made = make();
    write(name, `${made}\n`);
    return made;
  };

  return {
    path,
    keyRing: () => once('key-ring', () => KeyRing.generate()),
    codecPathToken: () => once('codec-path-token', () => randomBytes(24).toString('base64url')),
    file,
    read,
    write,
  };
}

/** The reason why the stack cannot run, in one sentence with the remedy; it is printed, and the exit code is 1. */
export class StackError extends Error {
  override readonly name = 'StackError';
}

/**
 * Only one stack runs in a state directory. The lock is a file lock (SQLite's), so the operating system releases it
 * when the process ends, also after a kill -9. Answers the function that releases it.
 */
export function lockStateDirectory(directory: StateDirectory): () => void {
  const path = directory.file('lock');
  closeSync(openSync(path, 'a', 0o600));
  const database = new DatabaseSync(path);
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!isBusy(error)) throw error;
    throw new StackError(
      `Mooring is already running from ${directory.path}${whereItIs(directory)}: use that one, or stop it first (Ctrl-C).`,
    );
  }
  return () => database.close();
}

const isBusy = (error: unknown): boolean => error instanceof Error && /database is locked/.test(error.message);

function whereItIs(directory: StateDirectory): string {
  const address = /"api": ?"([^"]+)"/.exec(directory.read('dev.json') ?? '')?.[1];
  return address === undefined ? '' : ` at ${address}`;
}

/** `.mooring/dev.json`: what runs, for scripts and tests. There only while the stack is up. */
export interface DevInfo {
  readonly api: string;
  readonly ui: string | null;
  /** Of the tenant `default`, with all of a tenant's scopes; null = there is none, and why was said. */
  readonly apiKey: string | null;
  /** With all of an operator's scopes. */
  readonly operatorKey: string | null;
  readonly sandbox: string | null;
  readonly temporal: string;
  readonly pids: Readonly<Record<ProcessName, number | null>>;
}

const DEV_INFO = 'dev.json';

export const writeDevInfo = (directory: StateDirectory, info: DevInfo): void =>
  directory.write(DEV_INFO, `${JSON.stringify(info, null, 2)}\n`);

export const removeDevInfo = (directory: StateDirectory): void => rmSync(directory.file(DEV_INFO), { force: true });

export const readDevInfo = (stateDirectory: string): DevInfo =>
  JSON.parse(readFileSync(join(stateDirectory, DEV_INFO), 'utf8')) as DevInfo;
