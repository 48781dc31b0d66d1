import { join } from 'node:path';
import type { Profile } from './file.ts';
import { readPrivate } from './file.ts';

/** Names that no profile can have: what `npm start` runs in this checkout, with the key of each kind. */
export const localProfiles = { local: 'apiKey', 'local-operator': 'operatorKey' } as const;
export type LocalProfile = keyof typeof localProfiles;

export const isLocalProfile = (name: string): name is LocalProfile => Object.hasOwn(localProfiles, name);

interface DevInfo {
  readonly api?: unknown;
  readonly apiKey?: unknown;
  readonly operatorKey?: unknown;
  readonly pids?: { readonly api?: unknown };
}

export interface LocalStackOptions {
  /** Of the checkout that the program runs from. */
  readonly root: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly isRunning: (pid: number) => boolean;
}

/**
 * Address and key of the stack that `npm start` runs from this checkout (`.mooring/dev.json`, there while it runs).
 * Undefined where none runs. The key goes to this machine alone, and only while the API's process is there: after a
 * crash another program may listen on its port.
 */
export function findLocalStack(
  { root, environment, isRunning }: LocalStackOptions,
  name: LocalProfile,
): Profile | undefined {
  const folder = environment['MOORING_STATE_DIR'] || join(root, '.mooring');
  const text = readPrivate(join(folder, 'dev.json'));
  if (text === null) return undefined;
  const { api, pids, ...keys } = JSON.parse(text) as DevInfo;
  const apiKey = keys[localProfiles[name]];
  const isHere = typeof api === 'string' && ['localhost', '127.0.0.1', '[::1]'].includes(new URL(api).hostname);
  const isUp = typeof pids?.api === 'number' && isRunning(pids.api);
  return isHere && isUp && typeof apiKey === 'string' ? { url: api, apiKey } : undefined;
}
