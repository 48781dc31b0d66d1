import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

import { cachedProgram, findProgram } from './cache.mjs';
import { run } from './run.mjs';

const NAME = 'toxiproxy-server';
const MODULE = 'github.com/Shopify/toxiproxy/v2/cmd/server';
const VERSION = 'v2.12.0';

/** The `toxiproxy-server` on PATH, else the one built before; null where there is neither. */
export const findToxiproxy = () => findProgram(NAME);

/** Finds Toxiproxy (a network that misbehaves on command), or builds it through the Go module proxy. */
export async function ensureToxiproxy({ log = () => {} } = {}) {
  const found = await findToxiproxy();
  if (found) return found;
  if (!(await findProgram('go'))) {
    throw new Error(
      'Toxiproxy is not installed, and Go to build it is not either. ' +
        'Install it from https://github.com/Shopify/toxiproxy/releases as toxiproxy-server on PATH, or Go from https://go.dev/dl.',
    );
  }
  const target = cachedProgram(NAME);
  log(`Building Toxiproxy ${VERSION} into ${target}: once, a few seconds.`);
  await mkdir(dirname(target), { recursive: true });
  // A folder of its own, then one rename: nobody ever finds half a program in the cache.
  const folder = `${target}-build.${process.pid}`;
  try {
    await run('go', ['install', `${MODULE}@${VERSION}`], {
      env: { GOBIN: folder, CGO_ENABLED: '0', GOWORK: 'off' },
      label: 'Building Toxiproxy',
      log,
    });
    await rename(`${folder}/server`, target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return target;
}
