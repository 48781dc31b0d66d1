import type { Clock } from '../../platform/clock.ts';
import type { Json } from '../../platform/json.ts';
import { KeyRingError, type KeyRing } from '../../platform/key-ring.ts';
import type { Logger } from '../../platform/logger.ts';
import type { EphemeralStore } from './port.ts';

/** The largest difference between two machines' clocks. */
const CLOCK_SKEW_MS = 60_000;

/** Where a value belongs: it opens nowhere else. */
type Place = readonly [kind: 'value' | 'entry', key: string] | readonly [kind: 'field', key: string, name: string];

/**
 * A store on a server that is not trusted. Every value is sealed by the key ring and bound to its place, and the value
 * under a key to its lifetime too. What another program wrote or changed, moved to another place, or gives back after
 * its lifetime, does not open and counts as absent. The server can still lose a value, and give back an older one of
 * the same place that has not expired.
 *
 * Numbers and booleans under a key stay in clear, because the server itself compares and counts them. They hold no
 * secret, and no decision about trust or access rests on them.
 */
export function createSealedEphemeralStore(deps: {
  readonly store: EphemeralStore;
  readonly keyRing: KeyRing;
  readonly clock: Clock;
  readonly logger: Logger;
}): EphemeralStore {
  const { store, keyRing, clock, logger } = deps;
  const reported = new Set<string>();

  const seal = (place: Place, value: Json): string =>
    keyRing.seal('ephemeral-store', JSON.stringify(value), JSON.stringify(place));

  const open = (place: Place, sealed: Json): Json | undefined => {
    try {
      if (typeof sealed === 'string') {
        return JSON.parse(keyRing.open('ephemeral-store', sealed, JSON.stringify(place)).toString()) as Json;
      }
    } catch (error) {
      if (!(error instanceof KeyRingError)) throw error;
    }
    // Once for each kind of key: a program that writes there could fill the log.
    const [keys = ''] = place[1].split(':', 1);
    if (!reported.has(keys)) {
      reported.add(keys);
      logger.warn({ keys }, 'The ephemeral store holds a value that this key ring did not seal: it is ignored.');
    }
    return undefined;
  };

  /** With the end of its lifetime, in Unix milliseconds. */
  const toStore = (key: string, value: Json, ttlSeconds: number): Json =>
    isClear(value) ? value : seal(['value', key], [clock.now() + ttlSeconds * 1_000, value]);

  const fromStore = (key: string, stored: Json | undefined): Json | undefined => {
    if (stored === undefined || isClear(stored)) return stored;
    const opened = open(['value', key], stored);
    if (!Array.isArray(opened)) return undefined;
    const [untilMs, value] = opened;
    return typeof untilMs === 'number' && clock.now() <= untilMs + CLOCK_SKEW_MS ? value : undefined;
  };

  return {
    async put(key, value, ttlSeconds) {
      await store.put(key, toStore(key, value, ttlSeconds), ttlSeconds);
    },
    async putIfAbsent(key, value, ttlSeconds) {
      return await store.putIfAbsent(key, toStore(key, value, ttlSeconds), ttlSeconds);
    },
    get: async (key) => fromStore(key, await store.get(key)),
    take: async (key) => fromStore(key, await store.take(key)),
    delete: async (key) => await store.delete(key),
    increment: async (key, windowSeconds, by) => await store.increment(key, windowSeconds, by),
    append: async (stream, value, options) => await store.append(stream, seal(['entry', stream], value), options),

    async readStream(stream, afterId, limit) {
      const entries = await store.readStream(stream, afterId, limit);
      return entries.map(({ id, value }) => ({ id, value: open(['entry', stream], value) ?? null }));
    },

    async getFields(key, names) {
      const fields = Object.entries(await store.getFields(key, names));
      return Object.fromEntries(
        fields.flatMap(([name, sealed]) => {
          const value = open(['field', key, name], sealed);
          return value === undefined ? [] : [[name, value] as const];
        }),
      );
    },

    async changeFields(changes, fence, ttlSeconds) {
      const sealed = changes.map(({ key, set, unset }) => {
        const fields = Object.entries(set).map(([name, value]) => [name, seal(['field', key, name], value)] as const);
        return { key, set: Object.fromEntries(fields), unset };
      });
      return await store.changeFields(sealed, fence, ttlSeconds);
    },

    ping: async () => await store.ping(),
    close: async () => await store.close(),
  };
}

const isClear = (value: Json): value is number | boolean => typeof value === 'number' || typeof value === 'boolean';
