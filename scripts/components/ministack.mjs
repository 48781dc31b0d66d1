import { findProgram } from './cache.mjs';
import { installPythonPackage } from './python-package.mjs';

const VERSION = '1.5.33';

/** The `ministack` on PATH, else the one kept before (an AWS STS and IAM that enforce trust policies), else null. */
export const findMinistack = () => findProgram('ministack');

/** Finds ministack, or installs it from PyPI into a Python environment of its own. */
export const ensureMinistack = async ({ log } = {}) =>
  (await findMinistack()) ??
  (await installPythonPackage({
    name: 'ministack',
    packageName: 'ministack',
    version: VERSION,
    program: 'ministack',
    log,
  }));
