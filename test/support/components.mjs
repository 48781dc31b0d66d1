import { findProgram } from '../../scripts/components/programs.mjs';
import { aptInstall, installPythonPackage } from '../../scripts/components/installers.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** Chromium or Chrome on PATH; null where there is none. */
async function findChromium() {
  for (const name of NAMES) {
    const found = await findProgram(name);
    if (found) return found;
  }
  return null;
}

/** Finds a browser for the console's tests, or installs Debian's. */
async function ensureChromium({ log = () => {} } = {}) {
  const found = await findChromium();
  if (found) return found;
  log('Installing Chromium with apt-get: once, about half a minute.');
  const installed = (await aptInstall('chromium', { log })) && (await findChromium());
  if (installed) return installed;
  throw new Error(`No browser found: install Chromium or Chrome so that one of ${NAMES.join(', ')} is on PATH.`);
}

const MINISTACK_VERSION = '1.5.33';

/** The `ministack` on PATH, else the one kept before (an AWS STS and IAM that enforce trust policies), else null. */
const findMinistack = () => findProgram('ministack');

/** Finds ministack, or installs it from PyPI into a Python environment of its own. */
const ensureMinistack = async ({ log } = {}) =>
  (await findMinistack()) ??
  (await installPythonPackage({
    name: 'ministack',
    packageName: 'ministack',
    version: MINISTACK_VERSION,
    program: 'ministack',
    log,
  }));

const OVH_PYTHON_VERSION = '1.2.0';
const OVH_PYTHON = `ovh-python-${OVH_PYTHON_VERSION}`;

/** A Python that has OVHcloud's own client of that version, kept before; else null. */
const findOvhPython = () => findProgram(OVH_PYTHON);

/** Finds it, or installs the client from PyPI into a Python environment of its own. */
const ensureOvhPython = async ({ log } = {}) =>
  (await findOvhPython()) ??
  (await installPythonPackage({
    name: OVH_PYTHON,
    packageName: 'ovh',
    version: OVH_PYTHON_VERSION,
    program: 'python',
    log,
  }));

const SCHEMATHESIS_VERSION = '4.32.5';
const SCHEMATHESIS = `schemathesis-${SCHEMATHESIS_VERSION}`;

/** A schemathesis of that version, kept before: it makes requests from an OpenAPI document; else null. */
const findSchemathesis = () => findProgram(SCHEMATHESIS);

/** Finds it, or installs it from PyPI into a Python environment of its own. */
const ensureSchemathesis = async ({ log } = {}) =>
  (await findSchemathesis()) ??
  (await installPythonPackage({
    name: SCHEMATHESIS,
    packageName: 'schemathesis',
    version: SCHEMATHESIS_VERSION,
    program: 'schemathesis',
    log,
  }));

/** Real programs that only tests use, each named for a cloud or a browser; see `scripts/components/index.mjs`. */
export const testComponents = {
  ministack: { find: findMinistack, ensure: ensureMinistack },
  ovhPython: { find: findOvhPython, ensure: ensureOvhPython },
  schemathesis: { find: findSchemathesis, ensure: ensureSchemathesis },
  chromium: { find: findChromium, ensure: ensureChromium },
};
