import { createBoundedMap } from '../../../platform/bounded-map.ts';
import type { Clock } from '../../../platform/clock.ts';
import { ephemeralKeys } from '../../../stores/ephemeral/keys.ts';
import type { EphemeralStore } from '../../../stores/ephemeral/port.ts';

const FAILURES_PER_MINUTE = 30;
const WINDOW_SECONDS = 60;
const KEPT = 10_000;

export interface FailedKeys {
  /**
   * Counts a key that was refused, by address and by the id of the key (undefined = there is no key of that id).
   * Answers for how many seconds such a key need not be sent again; 0 while there were few. Rejects as the ephemeral
   * store does.
   */
  count(address: string, id: string | undefined): Promise<number>;
}

/**
 * Counts refused keys across all processes. A key is counted after it was found wrong, and a good key is never counted:
 * so a good key cannot be locked out, not even from the same address.
 */
export function createFailedKeys(deps: {
  readonly ephemeral: Pick<EphemeralStore, 'increment'>;
  readonly clock: Clock;
}): FailedKeys {
  const { ephemeral, clock } = deps;
  const blockedUntilMs = createBoundedMap<string, number>(KEPT);
  return {
    async count(address, id) {
      const bucket = `authentication:${address}:${id ?? 'unknown'}`;
      const leftMs = (blockedUntilMs.get(bucket) ?? 0) - clock.now();
      if (leftMs > 0) return Math.ceil(leftMs / 1000);
      const { count, resetSeconds } = await ephemeral.increment(ephemeralKeys.rateLimit(bucket), WINDOW_SECONDS);
      if (count <= FAILURES_PER_MINUTE) return 0;
      blockedUntilMs.set(bucket, clock.now() + resetSeconds * 1000);
      return resetSeconds;
    },
  };
}
