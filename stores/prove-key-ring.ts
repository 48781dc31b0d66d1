import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock, type Clock } from '../platform/clock.ts';
import type { KeyRing } from '../platform/key-ring.ts';
import type { Logger } from '../platform/logger.ts';
import { untilConnected } from '../platform/temporal/connection.ts';
import type { EphemeralStore } from './ephemeral/port.ts';
import { checkKeyRing, KeyRingMismatch } from './key-check.ts';
import type { SecretStore } from './secrets/port.ts';

class Unproven extends Error {
  override readonly name = 'Unproven';
}

/**
 * Waits until this process's key ring is known to agree with all others; no other process could open what a different
 * ring sealed. Rejects with {@link KeyRingMismatch}, or when the signal is aborted. In production only a worker may
 * write the proof, so an API waits for a worker with the same first key. Embedded stores then seal their values again.
 */
export async function proveKeyRing(
  check: {
    readonly secrets: SecretStore;
    readonly ephemeral?: EphemeralStore;
    readonly keyRing: KeyRing;
    readonly mayWrite: boolean;
    readonly clock?: Clock;
  },
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const { keyRing, secrets, ephemeral } = check;
  const mismatch = await untilConnected<KeyRingMismatch | undefined>(
    async () => {
      try {
        const proof = await checkKeyRing({ clock: systemClock, ...check });
        if (proof === 'proven') return undefined;
      } catch (error) {
        if (error instanceof KeyRingMismatch) return error;
        throw error;
      }
      throw new Unproven(
        `No worker has started with "${keyRing.currentKeyId}" first in MOORING_KEYS: what this process sealed, none might open.`,
      );
    },
    {
      signal,
      sleep: async (milliseconds, aborted) => await sleep(milliseconds, undefined, { signal: aborted }),
      onWait: (seconds, error) =>
        logger.warn({ err: error, seconds }, 'Waiting for the secret store to prove the key ring.'),
    },
  );
  if (mismatch) throw mismatch;
  const { currentKeyId: seals, keyIds: opens, retiredKeyIds: verifies } = keyRing;
  logger.info({ seals, opens, verifies }, 'The key ring agrees with the other processes.');
  // Only now, because a process that is refused must not have sealed anything.
  for (const store of [secrets, ephemeral]) await reseal(store, logger);
}

async function reseal(store: SecretStore | EphemeralStore | undefined, logger: Logger): Promise<void> {
  try {
    const values = (await store?.reseal?.()) ?? 0;
    if (values > 0) logger.info({ values }, 'Stored values were sealed again, with the first key.');
  } catch (error) {
    logger.warn({ err: error }, 'Stored values keep the older key until the next start.');
  }
}
