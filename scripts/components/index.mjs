import { testComponents } from '../../test/support/components.mjs';
import { ensureTemporal, findTemporal } from './temporal.mjs';
import { ensureTimeSkipping, findTimeSkipping } from './time-skipping.mjs';
import { ensureHelm, ensureKubernetesCheck, findHelm, findKubernetesCheck } from './helm.mjs';
import { ensureToxiproxy, findToxiproxy, ensureVault, findVault } from './go-programs.mjs';
import { aptInstall } from './installers.mjs';
import { findProgram } from './programs.mjs';

/** The `redis-server` on PATH; null where there is none. */
const findRedis = () => findProgram('redis-server');

/** Finds Redis, or installs Debian's package. */
async function ensureRedis({ log = () => {} } = {}) {
  const found = await findRedis();
  if (found) return found;
  log('Installing redis-server with apt-get: once, a few seconds.');
  const installed = (await aptInstall('redis-server', { log })) && (await findRedis());
  if (installed) return installed;
  throw new Error('Redis is not installed: install it so that redis-server is on PATH.');
}

/**
 * The real programs that development and tests use. `find` answers a path or null and changes nothing; `ensure`
 * answers a path, getting the program first where it is missing, and throws an Error with cause and remedy.
 * Ordered by how long getting one takes, longest last.
 */
export const components = {
  redis: { find: findRedis, ensure: ensureRedis },
  ...testComponents,
  toxiproxy: { find: findToxiproxy, ensure: ensureToxiproxy },
  timeSkipping: { find: findTimeSkipping, ensure: ensureTimeSkipping },
  helm: { find: findHelm, ensure: ensureHelm },
  kubernetesCheck: { find: findKubernetesCheck, ensure: ensureKubernetesCheck },
  temporal: { find: findTemporal, ensure: ensureTemporal },
  vault: { find: findVault, ensure: ensureVault },
};
