import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { StackError } from './stack-error.ts';
import type { StateDirectory } from './state-directory.ts';

/**
 * One stack at a time in a state directory. The lock is the operating system's (SQLite's file lock), so that it ends
 * with its process however that ends: there is nothing stale to clean up after a kill -9. Answers how to release it.
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
