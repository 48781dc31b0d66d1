import { spawn } from 'node:child_process';

const TAIL_CHARACTERS = 2_000;
const STILL_BUSY_MS = 60_000;

/**
 * Runs one program to its end and answers its stdout. `log` hears once a minute that it is still busy; a failure
 * is an Error with the end of what the program said.
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
