import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

import { createSandbox } from './sandbox.ts';

/**
 * The sandbox as a process. `SANDBOX_HOST` (127.0.0.1), `SANDBOX_PORT` (5010), `SANDBOX_STATE_FILE` (an SQLite
 * file; none: memory only). Prints one line once it listens.
 */
const host = process.env['SANDBOX_HOST'] || '127.0.0.1';
const port = Number(process.env['SANDBOX_PORT'] || 5010);
const stateFile = process.env['SANDBOX_STATE_FILE'];

if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  fail(`SANDBOX_PORT is "${process.env['SANDBOX_PORT']}": give a port from 0 to 65535.`);
}

if (stateFile) mkdirSync(dirname(stateFile), { recursive: true, mode: 0o700 });
const sandbox = createSandbox(stateFile ? { stateFile } : {});
try {
  console.log(`The sandbox clouds listen on ${await sandbox.listen({ host, port })}`);
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') fail(`Port ${port} is in use: stop what listens there, or set SANDBOX_PORT.`);
  fail(`The sandbox can't listen on ${host}:${port}: ${message}.`);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void sandbox.close().then(() => process.exit(0)));
}

function fail(sentence: string): never {
  console.error(sentence);
  process.exit(1);
}
