import { Writable } from 'node:stream';
import { createProviderGate, type ProviderGate } from '../../activities/refresh/provider-gate.ts';
import { createLogger } from '../../platform/logger.ts';
import { EphemeralStoreUnavailable, type EphemeralStore } from '../../stores/ephemeral/port.ts';
import { createProviderPauses, type ProviderPauses } from '../../stores/provider-pauses.ts';
import type { SecretStore } from '../../stores/secrets/port.ts';
import type { ManualClock } from '../contract/manual-clock.ts';

export const unreachable = {
  code: 'cloud_unreachable',
  message: 'The cloud did not answer (ECONNREFUSED).',
  remedy: 'Nothing to do.',
};
export const invalidClient = {
  code: 'client_refused',
  message: 'The cloud does not know our application.',
  remedy: 'Set the client secret.',
};

/** Numbers from 0 to 1 that are the same in each run (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The store as it is, or away. */
export function interruptible(store: EphemeralStore): EphemeralStore & { down: boolean; calls: number } {
  const state = { down: false, calls: 0 };
  return new Proxy(store as EphemeralStore & typeof state, {
    get(target, name) {
      if (name === 'down' || name === 'calls') return state[name];
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]): Promise<unknown> => {
        state.calls += 1;
        if (state.down) throw new EphemeralStoreUnavailable('The store is down.');
        return await (Reflect.apply(member, target, args) as Promise<unknown>);
      };
    },
    set(_target, name, value) {
      Object.assign(state, { [name]: value as unknown });
      return true;
    },
  });
}

export interface TestWorker {
  readonly gate: ProviderGate;
  /** Everything that it logged. */
  readonly log: () => string;
  /** `count` calls in a row that got no answer. */
  readonly unanswered: (count: number, retryAfterSeconds?: number) => Promise<void>;
  /** `ok` = the call may be made. */
  readonly ask: () => Promise<'ok' | 'open' | 'paused'>;
  /** In how many seconds it is told to ask again. */
  readonly waitSeconds: () => Promise<number>;
}

/** A worker's gate to the provider `ovh`. */
export function createTestWorker(deps: {
  readonly ephemeral: EphemeralStore;
  readonly secrets: SecretStore;
  readonly clock: ManualClock;
  readonly pauses?: ProviderPauses;
  readonly random?: () => number;
}): TestWorker {
  const { ephemeral, secrets, clock, random = seededRandom(1) } = deps;
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const logger = createLogger('worker', 'info', sink);
  const pauses = deps.pauses ?? createProviderPauses({ secrets, clock });
  const gate = createProviderGate({ ephemeral, pauses, clock, logger, random });
  return {
    gate,
    log: () => lines.join(''),
    async unanswered(count, retryAfterSeconds) {
      for (let n = 0; n < count; n++) await gate.note('ovh', 'unavailable', unreachable, retryAfterSeconds ?? null);
    },
    ask: async () => (await gate.check('ovh'))?.state ?? 'ok',
    async waitSeconds() {
      const held = await gate.check('ovh');
      if (!held) throw new Error('The call may be made: nothing is waited for.');
      return (held.retryAtMs - clock.now()) / 1_000;
    },
  };
}
