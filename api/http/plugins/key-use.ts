import { Type, type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { iso } from '../../../contracts/time.ts';
import { createBoundedMap } from '../../../platform/bounded-map.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { Logger } from '../../../platform/logger.ts';
import { ephemeralKeys } from '../../../stores/ephemeral/keys.ts';
import type { EphemeralStore } from '../../../stores/ephemeral/port.ts';

/** A process writes the use of a key down at most this often. */
const WRITE_EVERY_MS = 5 * 60_000;
const KEPT = 10_000;
const TTL_SECONDS = 400 * 24 * 3600;

export const KeyUse = Type.Object({
  at: Type.String({ format: 'date-time', description: 'Up to five minutes before the newest request.' }),
  address: Type.String({ description: 'Where that request came from.' }),
});
export type KeyUse = Static<typeof KeyUse>;
const storedUse = Compile(KeyUse);

/**
 * Writes down when and from where a key was used. No request waits for it. It is kept in the ephemeral store, because it
 * serves to find keys that are used no longer: after a loss it fills itself again.
 */
export function createKeyUse(deps: {
  readonly ephemeral: Pick<EphemeralStore, 'put'>;
  readonly clock: Clock;
  readonly logger: Logger;
}): { note(keyId: string, address: string): void } {
  const { ephemeral, clock, logger } = deps;
  const writtenAtMs = createBoundedMap<string, number>(KEPT);
  return {
    note(keyId, address) {
      const now = clock.now();
      if (now - (writtenAtMs.get(keyId) ?? -Infinity) < WRITE_EVERY_MS) return;
      writtenAtMs.set(keyId, now);
      ephemeral.put(ephemeralKeys.apiKeyUse(keyId), { at: iso(now), address }, TTL_SECONDS).catch((error: unknown) => {
        logger.warn({ err: error }, 'The use of an API key could not be written down.');
      });
    },
  };
}

/** Null where nothing is known. Rejects as the store does. */
export async function readKeyUse(ephemeral: Pick<EphemeralStore, 'get'>, keyId: string): Promise<KeyUse | null> {
  const value = await ephemeral.get(ephemeralKeys.apiKeyUse(keyId));
  return storedUse.Check(value) ? value : null;
}
