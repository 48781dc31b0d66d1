import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KeyRing } from '../../platform/key-ring.ts';

/**
 * `.mooring/`: all that a development stack keeps, readable by its owner alone. The key ring in it protects what
 * leaves the directory (Temporal payloads, links), not the directory: who reads its disk reads the keys as well.
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
