import { ensureChromium, findChromium } from './chromium.mjs';
import { ensureMinistack, findMinistack } from './ministack.mjs';
import { ensureOvhPython, findOvhPython } from './ovh-python.mjs';
import { ensureRedis, findRedis } from './redis.mjs';
import { ensureTemporal, findTemporal } from './temporal.mjs';
import { ensureTimeSkipping, findTimeSkipping } from './time-skipping.mjs';
import { ensureToxiproxy, findToxiproxy } from './toxiproxy.mjs';
import { ensureVault, findVault } from './vault.mjs';

/**
 * The real programs that development and tests use. `find` answers a path or null and changes nothing; `ensure`
 * answers a path, getting the program first where it is missing, and throws an Error with cause and remedy.
 * Ordered by how long getting one takes, longest last.
 */
export const components = {
  redis: { find: findRedis, ensure: ensureRedis },
  ministack: { find: findMinistack, ensure: ensureMinistack },
  ovhPython: { find: findOvhPython, ensure: ensureOvhPython },
  toxiproxy: { find: findToxiproxy, ensure: ensureToxiproxy },
  timeSkipping: { find: findTimeSkipping, ensure: ensureTimeSkipping },
  chromium: { find: findChromium, ensure: ensureChromium },
  temporal: { find: findTemporal, ensure: ensureTemporal },
  vault: { find: findVault, ensure: ensureVault },
};
