import { setTimeout as pause } from 'node:timers/promises';
import type { SandboxClient } from '../../sandbox/client.ts';
import type { CloudId } from '../../sandbox/clouds/index.ts';
import { lifeSeconds, spreadOver, type DueWindow } from './due-times.ts';

/** The life that the simulated cloud gives its access tokens, and with it the moments at which they are renewed. */
export interface TokenLife {
  /** Every token that is issued from now on lives that long. */
  fix(seconds: number): Promise<void>;
  /**
   * Every token that is issued from now on falls due in the window, evenly spread; the window may move meanwhile.
   * Resolves once that holds.
   */
  aim(window: () => DueWindow): Promise<void>;
}

const CHANGE_EVERY_MS = 40;

export function createTokenLife(cloud: SandboxClient, provider: Exclude<CloudId, 'aws'> = 'ovh'): TokenLife {
  let aiming: AbortController | undefined;
  let loop: Promise<void> = Promise.resolve();
  const set = async (accessTokenLifetimeSeconds: number): Promise<void> => {
    await cloud.change({ [provider]: { accessTokenLifetimeSeconds } });
  };

  return {
    async fix(seconds) {
      aiming?.abort();
      await loop;
      await set(seconds);
    },
    async aim(window) {
      aiming?.abort();
      await loop;
      const { signal } = (aiming = new AbortController());
      let n = 0;
      const next = async (): Promise<void> => await set(lifeSeconds(spreadOver(window(), n++), Date.now()));
      await next();
      loop = (async () => {
        while (!signal.aborted) {
          await pause(CHANGE_EVERY_MS);
          if (!signal.aborted) await next();
        }
      })();
    },
  };
}
