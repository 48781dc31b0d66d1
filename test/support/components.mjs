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

/**
 * A program of one version of a package from PyPI: `find` looks on PATH and then in the cache, `ensure` installs it into a
 * Python environment of its own.
 */
function pythonComponent({ name, packageName, version, program }) {
  const find = () => findProgram(name);
  const ensure = async ({ log } = {}) =>
    (await find()) ?? (await installPythonPackage({ name, packageName, version, program, log }));
  return { find, ensure };
}

/** An AWS STS and IAM that enforce trust policies. */
const ministack = pythonComponent({
  name: 'ministack',
  packageName: 'ministack',
  version: '1.5.33',
  program: 'ministack',
});

/** A Python that has OVHcloud's own client. */
const ovhPython = pythonComponent({
  name: 'ovh-python-1.2.0',
  packageName: 'ovh',
  version: '1.2.0',
  program: 'python',
});

/** Makes requests from an OpenAPI document. */
const schemathesis = pythonComponent({
  name: 'schemathesis-4.32.5',
  packageName: 'schemathesis',
  version: '4.32.5',
  program: 'schemathesis',
});

/** Real programs that only tests use, each named for a cloud or a browser; see `scripts/components/index.mjs`. */
export const testComponents = {
  ministack,
  ovhPython,
  schemathesis,
  chromium: { find: findChromium, ensure: ensureChromium },
};
