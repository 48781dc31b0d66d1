import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

import { run } from '../components/programs.mjs';

/**
 * Installs the locked packages when they are missing or stale. Fresh means: the stamp of this very lock file is
 * there, or npm's own record says that what is installed is what the lock file asks for (someone ran npm).
 *
 * @param {{ root: string, log: (line: string) => void, install?: typeof installLocked }} options
 */
export async function ensurePackages({ root, log, install = installLocked }) {
  const lockText = await readFile(join(root, 'package-lock.json'), 'utf8');
  const stampFile = join(root, 'node_modules', '.mooring-stamp');
  const stamp = stampOf(lockText);
  if ((await readText(stampFile)) === stamp) return;
  const installed = await readText(join(root, 'node_modules', '.package-lock.json'));
  if (installed === null || !isInstalled(JSON.parse(lockText), JSON.parse(installed))) {
    log(`Packages are ${installed === null ? 'not installed yet' : 'out of date'}: npm ci, usually about a minute.`);
    await install({ root, log });
  }
  await writeFile(stampFile, stamp);
}

/**
 * What the installed tree depends on: the lock file, and the platform for its native parts.
 *
 * @param {string} lockText
 * @param {{ platform: string, arch: string }} [machine]
 */
export function stampOf(lockText, { platform, arch } = process) {
  return createHash('sha256').update(`${platform} ${arch}\n${lockText}`).digest('hex');
}

/** True when npm's record of what is installed has every package of the lock file; optional ones may be absent. */
export function isInstalled(lock, installed) {
  return Object.entries(lock.packages).every(([path, wanted]) => {
    if (path === '') return true;
    const present = installed.packages[path];
    if (!present) return Boolean(wanted.optional || wanted.devOptional);
    return present.version === wanted.version && present.integrity === wanted.integrity;
  });
}

async function installLocked({ root, log }) {
  // The system's Node runs npm: the one in node_modules is about to be replaced.
  const folders = (process.env.PATH ?? '').split(delimiter);
  const path = folders.filter((folder) => !folder.endsWith(join('node_modules', '.bin'))).join(delimiter);
  await run('npm', ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund'], {
    cwd: root,
    env: { PATH: path },
    log,
    label: 'npm ci',
  });
}

async function readText(path) {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return null;
  }
}
