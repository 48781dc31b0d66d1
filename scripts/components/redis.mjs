import { aptInstall } from './apt.mjs';
import { findProgram } from './cache.mjs';

/** The `redis-server` on PATH; null where there is none. */
export const findRedis = () => findProgram('redis-server');

/** Finds Redis, or installs Debian's package. */
export async function ensureRedis({ log = () => {} } = {}) {
  const found = await findRedis();
  if (found) return found;
  log('Installing redis-server with apt-get: once, a few seconds.');
  const installed = (await aptInstall('redis-server', { log })) && (await findRedis());
  if (installed) return installed;
  throw new Error('Redis is not installed: install it so that redis-server is on PATH.');
}
