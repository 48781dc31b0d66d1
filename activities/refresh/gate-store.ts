import Type from 'typebox';
import { Compile } from 'typebox/compile';

import type { Clock } from '../../platform/clock.ts';
import type { Json } from '../../platform/json.ts';
import type { Logger } from '../../platform/logger.ts';
import { createRecent } from '../../platform/recent.ts';
import { ephemeralKeys } from '../../stores/ephemeral/keys.ts';
import type { EphemeralStore } from '../../stores/ephemeral/port.ts';
import { CLOCK_SKEW_MS, parseProviderGateState, type ProviderGateState } from '../../stores/provider-states.ts';

type Shared = Pick<EphemeralStore, 'get' | 'put' | 'putIfAbsent' | 'increment'>;

/** What the workers share about a provider. No function ever throws. */
export interface GateStore {
  /** At most a second old. */
  state(provider: string): Promise<ProviderGateState | undefined>;
  latestState(provider: string): Promise<ProviderGateState | undefined>;
  save(provider: string, state: ProviderGateState, ttlSeconds: number): Promise<void>;
  /** True for one caller of all workers, until `ttlSeconds` have passed. */
  takeProbe(provider: string, round: number, ttlSeconds: number): Promise<boolean>;
  /** True for one caller of all workers in a round. */
  bookProbe(provider: string, round: number, ttlSeconds: number): Promise<boolean>;
  answered(provider: string): Promise<void>;
  /** How many connections the last reconciliation counted for this gate; undefined where that is not known. */
  callers(provider: string): Promise<number | undefined>;
  /** Counts a call without an answer; answers how many there were since the last answer, and when that was. */
  unanswered(provider: string, withinSeconds: number): Promise<{ count: number; lastAnswerMs: number }>;
}

/** Also how often a worker shares that a provider answers. Without this limit, every refresh would cost a write. */
const FRESH_MS = 1_000;
/** A store that has just failed is not called for this long, because each call may take a second. */
const AWAY_MS = 5_000;
const ANSWER_LIFE_SECONDS = 120;

const Answer = Compile(Type.Object({ atMs: Type.Number(), row: Type.String() }));

/**
 * Built on the ephemeral store. While that is unavailable, each worker uses the state that it read last, and its
 * decisions are not shared.
 */
export function createGateStore(deps: {
  readonly ephemeral: EphemeralStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
}): GateStore {
  const { ephemeral, clock, logger, random } = deps;
  const own = createOwnStore(clock);
  let away = false;
  let askAgainAtMs = 0;
  const garbage = new Set<string>();
  const published = new Map<string, number>();
  /** Providers that left a call of this worker unanswered since it last recorded an answer. */
  const silent = new Set<string>();
  /** By provider: the round that is known to be booked. */
  const booked = new Map<string, number>();

  async function onShared<T>(work: (store: Shared) => Promise<T>): Promise<{ answer: T } | undefined> {
    try {
      const answer = await work(ephemeral);
      if (away) logger.info('The ephemeral store answers again: workers share what they know of the clouds.');
      away = false;
      return { answer };
    } catch (error) {
      if (!away) logger.warn({ err: error }, 'This worker can share nothing about the clouds, and goes on by itself.');
      away = true;
      askAgainAtMs = clock.now() + AWAY_MS;
      return undefined;
    }
  }

  async function ask<T>(work: (store: Shared) => Promise<T>): Promise<T> {
    const shared = away && clock.now() < askAgainAtMs ? undefined : await onShared(work);
    return shared ? shared.answer : await work(own);
  }

  function parse(provider: string, value: Json | undefined): ProviderGateState | undefined {
    const state = parseProviderGateState(value, clock.now());
    if (state || value === undefined) {
      garbage.delete(provider);
    } else if (!garbage.has(provider)) {
      garbage.add(provider);
      logger.warn({ provider }, 'The ephemeral store holds something that is no state of a provider: it is ignored.');
    }
    return state;
  }

  const states = createRecent<ProviderGateState | undefined>({
    freshMs: FRESH_MS,
    clock,
    async load(provider) {
      const key = ephemeralKeys.providerGate(provider);
      const value = await ask(async (store) => {
        const found = await store.get(key);
        // A copy, which this worker uses while the shared store is unavailable.
        if (store !== own) own.replace(key, found);
        return found;
      });
      return parse(provider, value);
    },
  });

  return {
    state: async (provider) => await states.get(provider),

    async latestState(provider) {
      states.forget(provider);
      return await states.get(provider);
    },

    async save(provider, state, ttlSeconds) {
      const key = ephemeralKeys.providerGate(provider);
      const value: Json = state.state === 'open' ? { ...state, problem: { ...state.problem } } : { ...state };
      states.set(provider, state);
      await own.put(key, value, ttlSeconds);
      // Tried even after a failure: it is rare, and it replaces a value that cannot be read (e.g. invalid JSON).
      await onShared(async (store) => await store.put(key, value, ttlSeconds));
    },

    async takeProbe(provider, round, ttlSeconds) {
      return await ask(
        async (store) => await store.putIfAbsent(ephemeralKeys.providerProbe(provider, round), true, ttlSeconds),
      );
    },

    async bookProbe(provider, round, ttlSeconds) {
      if (booked.get(provider) === round) return false;
      booked.set(provider, round);
      return await ask(
        async (store) => await store.putIfAbsent(ephemeralKeys.providerProbeBooking(provider, round), true, ttlSeconds),
      );
    },

    async callers(provider) {
      const counts = await ask(async (store) => await store.get(ephemeralKeys.connectionsByGate));
      const count =
        typeof counts === 'object' && counts !== null && !Array.isArray(counts) ? counts[provider] : undefined;
      return typeof count === 'number' && count >= 0 ? count : undefined;
    },

    async answered(provider) {
      const now = clock.now();
      if (!silent.has(provider) && now - (published.get(provider) ?? -Infinity) < FRESH_MS) return;
      silent.delete(provider);
      published.set(provider, now);
      const answer = { atMs: now, row: `${now}-${random().toString(36).slice(2, 10)}` };
      await ask(async (store) => await store.put(ephemeralKeys.providerAnswer(provider), answer, ANSWER_LIFE_SECONDS));
    },

    async unanswered(provider, withinSeconds) {
      silent.add(provider);
      return await ask(async (store) => {
        const found = await store.get(ephemeralKeys.providerAnswer(provider));
        const usable = Answer.Check(found) && found.atMs <= clock.now() + CLOCK_SKEW_MS;
        const answer = usable ? found : { atMs: -Infinity, row: 'none' };
        const { count } = await store.increment(ephemeralKeys.providerSilence(provider, answer.row), withinSeconds);
        return { count, lastAnswerMs: answer.atMs };
      });
    },
  };
}

/** The same few operations within this process. */
function createOwnStore(clock: Clock) {
  const entries = new Map<string, { value: Json; expiresAtMs: number }>();
  const alive = (key: string) => {
    const entry = entries.get(key);
    return entry && entry.expiresAtMs > clock.now() ? entry : undefined;
  };
  const put = (key: string, value: Json, ttlSeconds: number): void => {
    for (const known of entries.keys()) if (!alive(known)) entries.delete(known);
    entries.set(key, { value, expiresAtMs: clock.now() + ttlSeconds * 1_000 });
  };
  return {
    async get(key: string) {
      return alive(key)?.value;
    },
    async put(key: string, value: Json, ttlSeconds: number) {
      put(key, value, ttlSeconds);
    },
    async putIfAbsent(key: string, value: Json, ttlSeconds: number) {
      if (alive(key)) return false;
      put(key, value, ttlSeconds);
      return true;
    },
    async increment(key: string, windowSeconds: number) {
      const entry = alive(key);
      if (!entry) put(key, 1, windowSeconds);
      else entry.value = Number(entry.value) + 1;
      return { count: Number(entry?.value ?? 1), resetSeconds: windowSeconds };
    },
    replace(key: string, value: Json | undefined) {
      if (value === undefined) entries.delete(key);
      else put(key, value, MIRROR_SECONDS);
    },
  };
}

/** How long a worker uses its copy of a state while the shared store is unavailable. */
const MIRROR_SECONDS = 900;
