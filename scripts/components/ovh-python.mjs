import { findProgram } from './cache.mjs';
import { installPythonPackage } from './python-package.mjs';

const VERSION = '1.2.0';
const NAME = `ovh-python-${VERSION}`;

/** A Python that has OVHcloud's own client of that version, kept before; else null. */
export const findOvhPython = () => findProgram(NAME);

/** Finds it, or installs the client from PyPI into a Python environment of its own. */
export const ensureOvhPython = async ({ log } = {}) =>
  (await findOvhPython()) ??
  (await installPythonPackage({ name: NAME, packageName: 'ovh', version: VERSION, program: 'python', log }));
