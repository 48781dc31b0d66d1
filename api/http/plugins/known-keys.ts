import { createBoundedMap } from '../../../platform/bounded-map.ts';
import type { Clock } from '../../../platform/clock.ts';
import { createNetworks } from '../../../platform/networks.ts';
import type { Secret } from '../../../platform/secret.ts';
import { isExpired, parseApiKey, type ApiKey, type ApiKeys, type StoredApiKey } from '../../../stores/api-keys.ts';
import { createKeyIds } from './key-ids.ts';

/** A key that was revoked by another program is refused at the latest after this long. */
const FRESH_MS = 30_000;
const KEPT = 10_000;
/** Unknown ids that are looked up one by one in a second; more of them are looked up together, in the list of all ids. */
const UNKNOWN_READS = 30;

export type Verdict =
  | { readonly kind: 'good'; readonly apiKey: ApiKey }
  /** Good, but not from this address. */
  | { readonly kind: 'elsewhere'; readonly apiKey: ApiKey }
  /** There is a key of this id; it has another secret, or has expired. */
  | { readonly kind: 'wrong'; readonly id: string }
  | { readonly kind: 'unknown' };

export interface KnownKeys {
  /** Rejects as the secret store does. */
  verify(presented: Secret<string>, address: string): Promise<Verdict>;
  /** The key was revoked or changed: what is known of it counts no longer. */
  forget(id: string): void;
}

interface Known {
  readonly stored: StoredApiKey;
  readonly allows: (address: string) => boolean;
  readonly readAtMs: number;
}

/**
 * Verifies keys, and remembers what the secret store said about each id, so that not every request reads it.
 *
 * A key is never refused because others were guessed: guesses cost little instead. A wrong secret for a known id costs
 * nothing. Of unknown ids, 30 a second are read; the others wait for a list of all ids, which many requests share. An id
 * that was not there stays unknown for a while: ids are random, so no caller can present one before it is made.
 */
export function createKnownKeys(deps: {
  readonly apiKeys: Pick<ApiKeys, 'read' | 'ids'>;
  readonly clock: Clock;
}): KnownKeys {
  const { apiKeys, clock } = deps;
  const ids = createKeyIds({ list: async () => await apiKeys.ids(), clock });
  const known = createBoundedMap<string, Known>(KEPT);
  const absentSinceMs = createBoundedMap<string, number>(KEPT);
  const reading = new Map<string, Promise<Known | undefined>>();
  let unknownReads = { sinceMs: -Infinity, count: 0 };

  const isFresh = (readAtMs: number | undefined): boolean =>
    readAtMs !== undefined && clock.now() - readAtMs < FRESH_MS;

  const read = (id: string): Promise<Known | undefined> => {
    const running = reading.get(id);
    if (running) return running;
    const readAtMs = clock.now();
    const asked = apiKeys.read(id).then(
      (stored) => {
        const found = stored && { stored, allows: allowedBy(stored.apiKey), readAtMs };
        // A key that was forgotten during the read may have been revoked after it.
        if (reading.get(id) === asked) keep(id, found, readAtMs);
        return found;
      },
      (error: unknown) => {
        if (reading.get(id) === asked) reading.delete(id);
        throw error;
      },
    );
    reading.set(id, asked);
    return asked;
  };

  const keep = (id: string, found: Known | undefined, readAtMs: number): void => {
    reading.delete(id);
    if (found) known.set(id, found);
    else {
      known.delete(id);
      absentSinceMs.set(id, readAtMs);
    }
  };

  const mayReadUnknown = (): boolean => {
    if (clock.now() - unknownReads.sinceMs >= 1_000) unknownReads = { sinceMs: clock.now(), count: 0 };
    unknownReads.count += 1;
    return unknownReads.count <= UNKNOWN_READS;
  };

  const find = async (id: string): Promise<Known | undefined> => {
    const remembered = known.get(id);
    if (remembered) return isFresh(remembered.readAtMs) ? remembered : await read(id);
    if (isFresh(absentSinceMs.get(id))) return undefined;
    if (reading.has(id) || mayReadUnknown()) return await read(id);
    if (await ids.has(id)) return await read(id);
    absentSinceMs.set(id, clock.now());
    return undefined;
  };

  return {
    async verify(presented, address) {
      const parts = parseApiKey(presented.reveal());
      const found = parts && (await find(parts.id));
      if (!parts || !found) return { kind: 'unknown' };
      const { apiKey } = found.stored;
      if (!found.stored.isSecret(parts.secret) || isExpired(apiKey, clock.now()))
        return { kind: 'wrong', id: parts.id };
      return { kind: found.allows(address) ? 'good' : 'elsewhere', apiKey };
    },
    forget(id) {
      known.delete(id);
      reading.delete(id);
    },
  };
}

function allowedBy({ allowedAddresses }: ApiKey): Known['allows'] {
  if (allowedAddresses.length === 0) return () => true;
  const networks = createNetworks(allowedAddresses);
  return (address) => networks.has(address);
}
