import type { Attempt } from '../contracts/attempts.ts';
import type { Json } from '../platform/json.ts';
import { ephemeralKeys } from './ephemeral/keys.ts';
import type { EphemeralStore } from './ephemeral/port.ts';

/** What is kept of a connection's calls to its cloud. */
export const keptAttempts = { days: 30, most: 100, mostOfLists: 50 };

const TTL_SECONDS = keptAttempts.days * 24 * 60 * 60;
/** More than a store keeps, which trims a stream roughly. */
const ALL = 1_000;

export interface KeptAttempt extends Attempt {
  readonly id: string;
}

/** The newest calls of connections to their clouds. Rejects as the store does. */
export interface Attempts {
  add(connectionId: string, attempt: Attempt): Promise<void>;
  /** The newest first. */
  read(connectionId: string): Promise<readonly KeptAttempt[]>;
}

/**
 * Lists have a stream of their own: a pass over hundreds of projects may have as many failures, which must not push out
 * how the connection came in.
 */
export function createAttempts(ephemeral: Pick<EphemeralStore, 'append' | 'readStream'>): Attempts {
  const { attempts: key, attemptsOfLists: keyOfLists } = ephemeralKeys;

  const readOne = async (stream: string, prefix: string): Promise<KeptAttempt[]> => {
    const entries = await ephemeral.readStream(stream, null, ALL);
    return entries.flatMap(({ id, value }) =>
      value === null ? [] : [{ ...(value as unknown as Attempt), id: `${prefix}-${id}` }],
    );
  };

  return {
    async add(connectionId, attempt) {
      const isList = attempt.step === 'discovery';
      const stream = isList ? keyOfLists(connectionId) : key(connectionId);
      const keep = isList ? keptAttempts.mostOfLists : keptAttempts.most;
      await ephemeral.append(stream, attempt as unknown as Json, { keep, ttlSeconds: TTL_SECONDS });
    },

    async read(connectionId) {
      const [others, ofLists] = await Promise.all([
        readOne(key(connectionId), 'call'),
        readOne(keyOfLists(connectionId), 'list'),
      ]);
      // Streams are in the order in which calls ended. Reversed first, so that of one moment the later one stays first.
      return [...others.toReversed(), ...ofLists.toReversed()].toSorted((one, other) =>
        one.at === other.at ? 0 : one.at < other.at ? 1 : -1,
      );
    },
  };
}
