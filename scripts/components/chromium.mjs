import { aptInstall } from './apt.mjs';
import { findProgram } from './cache.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** Chromium or Chrome on PATH; null where there is none. */
export async function findChromium() {
  for (const name of NAMES) {
    const found = await findProgram(name);
    if (found) return found;
  }
  return null;
}

/** Finds a browser for the console's tests, or installs Debian's. */
export async function ensureChromium({ log = () => {} } = {}) {
  const found = await findChromium();
  if (found) return found;
  log('Installing Chromium with apt-get: once, about half a minute.');
  const installed = (await aptInstall('chromium', { log })) && (await findChromium());
  if (installed) return installed;
  throw new Error(`No browser found: install Chromium or Chrome so that one of ${NAMES.join(', ')} is on PATH.`);
}
