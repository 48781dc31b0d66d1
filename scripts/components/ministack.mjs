import { chmod, mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { aptInstall } from './apt.mjs';
import { cachedProgram, cacheFolder, findProgram } from './cache.mjs';
import { run } from './run.mjs';

const VERSION = '1.5.33';

/** The `ministack` on PATH, else the one kept before (an AWS STS and IAM that enforce trust policies), else null. */
export const findMinistack = () => findProgram('ministack');

/** Finds ministack, or installs it from PyPI into a Python environment of its own. */
export async function ensureMinistack({ log = () => {} } = {}) {
  const found = await findMinistack();
  if (found) return found;
  const python = await findProgram('python3');
  if (!python) throw new Error('ministack needs Python 3.9 or newer with its venv module: install python3-venv.');
  const folder = join(cacheFolder(), `ministack-${VERSION}`);
  log(`Installing ministack ${VERSION} into ${folder}: once, about 12 seconds.`);
  const options = { log, label: 'Installing ministack' };
  const makeEnvironment = () => run(python, ['-m', 'venv', '--clear', folder], options);
  try {
    await makeEnvironment();
  } catch (error) {
    // Debian's own Python has this module in a package of its own.
    if (!(await aptInstall('python3-venv', { log }))) throw error;
    await makeEnvironment();
  }
  await run(join(folder, 'bin', 'pip'), ['install', '--quiet', `ministack==${VERSION}`], options);
  return await publish(join(folder, 'bin', 'ministack'));
}

/** Last and in one step, so that an installation that was cut short is never found. */
async function publish(program) {
  const target = cachedProgram('ministack');
  const unfinished = `${target}.${process.pid}`;
  await mkdir(dirname(target), { recursive: true });
  await writeFile(unfinished, `#!/bin/sh\nexec '${program}' "$@"\n`);
  await chmod(unfinished, 0o755);
  await rename(unfinished, target);
  return target;
}
