import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { spawn } from 'node:child_process';

/** The folder of built or downloaded programs, outside the checkout, so that a fresh clone finds them again. */
export function cacheFolder(environment = process.env) {
  if (environment.MOORING_CACHE) return environment.MOORING_CACHE;
  return join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'mooring');
}

export const cachedProgram = (name) => join(cacheFolder(), 'bin', name);

/** Looks on PATH first, then in the cache, so that an installed program is preferred. Null if there is none. */
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

const TAIL_CHARACTERS = 2_000;
const STILL_BUSY_MS = 60_000;

/**
 * Runs one program to its end and answers its stdout. `log` is called once a minute while it runs. A failure is an
 * Error with the end of the program's output.
 */
export function run(program, args, { cwd, env, log = () => {}, label = program }) {
  return new Promise((resolve, reject) => {
    const startedAt = Date.now();
    const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const stillBusy = setInterval(() => {
      log(`${label}: still busy after ${Math.round((Date.now() - startedAt) / 60_000)} min`);
    }, STILL_BUSY_MS);
    let stdout = '';
    let tail = '';
    child.stdout.on('data', (chunk) => (stdout += chunk));
    child.stderr.on('data', (chunk) => (tail = (tail + chunk).slice(-TAIL_CHARACTERS)));
    child.on('error', (cause) => {
      clearInterval(stillBusy);
      reject(new Error(`${label}: could not start "${program}" (${cause.code ?? cause.message}).`, { cause }));
    });
    child.on('close', (code, signal) => {
      clearInterval(stillBusy);
      if (code === 0) resolve(stdout);
      else reject(new Error(`${label} failed (${signal ?? `exit code ${code}`}): ${(tail || stdout).trim()}`));
    });
  });
}
