import { findProgram } from './cache.mjs';
import { run } from './run.mjs';

/**
 * Installs a Debian package. Answers false where that can't be done without asking: another system, or not root.
 *
 * @param {string} name
 */
export async function aptInstall(name, { log = () => {} } = {}) {
  if (process.getuid?.() !== 0 || !(await findProgram('apt-get'))) return false;
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const options = { env, log, label: `Installing ${name}` };
  await run('apt-get', ['update', '-q'], options);
  await run('apt-get', ['install', '-q', '-y', '--no-install-recommends', name], options);
  return true;
}
