import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isReleased } from './check/recordings.ts';

/**
 * `npm run record-histories`: records the histories that `test/replay` replays, anew, from the workflows as they are,
 * under the version of package.json. Not of a version that is released: connections have begun under it.
 */
const root = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const { version } = JSON.parse(read('package.json')) as { version: string };
if (isReleased(read('CHANGELOG.md'), version)) {
  console.error(
    `Version ${version} is released (CHANGELOG.md): what was recorded of it stays as it is. Raise the version first.`,
  );
  process.exit(1);
}
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const { status } = spawnSync(process.execPath, [vitest, 'run', '--config', 'test/replay/record.config.ts'], {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
