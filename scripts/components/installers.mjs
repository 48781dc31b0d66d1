import { chmod, mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findProgram, cachedProgram, cacheFolder, run } from './programs.mjs';

/**
 * Installs a Debian package. Answers false if that is not possible without asking: on another system, or without root.
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

/**
 * Installs one version of a package from PyPI into a Python environment of its own, and makes one of its programs
 * findable as `name`. Answers its path.
 */
export async function installPythonPackage({ name, packageName, version, program, log = () => {} }) {
  const python = await findProgram('python3');
  if (!python) throw new Error(`${name} needs Python 3.9 or newer with its venv module: install python3-venv.`);
  const folder = join(cacheFolder(), 'python', `${packageName}-${version}`);
  log(`Installing ${packageName} ${version} into ${folder}: once, about 12 seconds.`);
  const options = { log, label: `Installing ${packageName}` };
  const makeEnvironment = () => run(python, ['-m', 'venv', '--clear', folder], options);
  try {
    await makeEnvironment();
  } catch (error) {
    // On Debian this Python module is a separate package.
    if (!(await aptInstall('python3-venv', { log }))) throw error;
    await makeEnvironment();
  }
  await run(join(folder, 'bin', 'pip'), ['install', '--quiet', `${packageName}==${version}`], options);
  return await publish(name, join(folder, 'bin', program));
}

/** The last step, and atomic, so that an interrupted installation is never found. */
async function publish(name, program) {
  const target = cachedProgram(name);
  const unfinished = `${target}.${process.pid}`;
  await mkdir(dirname(target), { recursive: true });
  await writeFile(unfinished, `#!/bin/sh\nexec '${program}' "$@"\n`);
  await chmod(unfinished, 0o755);
  await rename(unfinished, target);
  return target;
}
