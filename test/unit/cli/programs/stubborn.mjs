// Starts a child of its own, tells both process ids, ignores SIGTERM when told to, and stays for ten minutes.
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';

const child = spawn(process.execPath, ['-e', 'setTimeout(() => undefined, 600_000)'], { stdio: 'ignore' });
appendFileSync(process.argv[2] ?? '', `${process.pid} ${child.pid} ${process.cwd()}\n`);
if (process.argv[3] === 'ignore-sigterm') process.on('SIGTERM', () => undefined);
setTimeout(() => undefined, 600_000);
