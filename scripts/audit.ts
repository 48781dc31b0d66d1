import { join } from 'node:path';
import { execa } from 'execa';
import { auditOutcome } from './dependencies/audit.ts';

/**
 * `npm run audit`: asks the registry about vulnerabilities in what production installs. Exits with 0 where it knows of
 * none, with 1 where it knows of some, with 2 where it did not answer.
 */
const { stdout } = await execa('npm', ['audit', '--omit=dev', '--json', '--fetch-retries=1'], {
  cwd: join(import.meta.dirname, '..'),
  reject: false,
});
const { exitCode, lines } = auditOutcome(stdout);
for (const line of lines) console.log(line);
process.exitCode = exitCode;
