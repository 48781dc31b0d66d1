import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

export const NODE_FLAGS = ['--experimental-strip-types', '--disable-warning=ExperimentalWarning'];
const OLDEST = [22, 13];

/**
 * The Node that Mooring runs on: the locked one of the optional dependency where the platform has it, else the one
 * that is running if it is new enough.
 *
 * @param {{ root: string, current?: { path: string, version: string } }} options
 */
export function selectNode({ root, current = { path: process.execPath, version: process.version } }) {
  const bundled = join(root, 'node_modules', '.bin', 'node');
  if (spawnSync(bundled, ['--version'], { stdio: 'ignore' }).status === 0) return bundled;
  if (isNewEnough(current.version)) return current.path;
  throw new Error(
    `Node ${current.version} is too old and this platform has no bundled one: Mooring needs Node ${OLDEST.join('.')} ` +
      'or newer. Install it from https://nodejs.org and run the command again.',
  );
}

/** @param {string} version as `process.version` has it */
export function isNewEnough(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}
