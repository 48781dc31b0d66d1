import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Programs that were built or downloaded: outside the checkout, so that a fresh clone finds them again. */
export function cacheFolder(environment = process.env) {
  if (environment.MOORING_CACHE) return environment.MOORING_CACHE;
  return join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'mooring');
}

export const cachedProgram = (name) => join(cacheFolder(), 'bin', name);

/** PATH first, then the cache: what the user installed wins over what was built for them. Null where there is none. */
export async function findProgram(name) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const candidate of [...folders.map((folder) => join(folder, name)), cachedProgram(name)]) {
    if (await isExecutable(candidate)) return candidate;
  }
  return null;
}

async function isExecutable(path) {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
