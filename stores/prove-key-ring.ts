import { setTimeout as sleep } from 'node:timers/promises';
import type { KeyRing } from '../platform/key-ring.ts';
import type { Logger } from '../platform/logger.ts';
import { untilConnected } from '../platform/temporal/connection.ts';
import { checkKeyRing, KeyRingMismatch } from './key-check.ts';
import type { SecretStore } from './secrets/port.ts';

class Unproven extends Error {
  override readonly name = 'Unproven';
}

/**
 * Waits until the key ring is known to be everybody's: what is sealed with another could be opened by nobody. Rejects
 * with {@link KeyRingMismatch}, and once the signal is aborted. In production only a worker may write the first proof.
 */
export async function proveKeyRing(
  check: { readonly secrets: SecretStore; readonly keyRing: KeyRing; readonly mayWrite: boolean },
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const mismatch = await untilConnected<KeyRingMismatch | undefined>(
    async () => {
      try {
        const proof = await checkKeyRing(check);
        if (proof === 'proven') return undefined;
      } catch (error) {
        if (error instanceof KeyRingMismatch) return error;
        throw error;
      }
      throw new Unproven('No worker has started yet: there is nothing to compare the key ring with.');
    },
    {
      signal,
      sleep: async (milliseconds, aborted) => await sleep(milliseconds, undefined, { signal: aborted }),
      onWait: (seconds, error) =>
        logger.warn({ err: error, seconds }, 'Waiting for the secret store to prove the key ring.'),
    },
  );
  if (mismatch) throw mismatch;
}
