// Ends at once, and leaves a child behind that holds none of its streams.
import { spawn } from 'node:child_process';

const child = spawn(process.execPath, ['-e', 'setTimeout(() => undefined, 600_000)'], { stdio: 'ignore' });
child.unref();
process.stdout.write(String(child.pid));
