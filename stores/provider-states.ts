import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Clock } from '../platform/clock.ts';
import { createRecent } from '../platform/recent.ts';
import type { Problem } from '../contracts/problem.ts';
import { ephemeralKeys } from './ephemeral/keys.ts';
import type { EphemeralStore } from './ephemeral/port.ts';
import { pausedProblem, type ProviderPauses } from './provider-pauses.ts';

/** Unix milliseconds. */
const Moment = Type.Number({ minimum: 0 });

const shared = {
  v: Type.Literal(1),
  /** Consecutive probes that failed. */
  failedProbes: Type.Integer({ minimum: 0 }),
  /** Held callers ask again once in each window; the first window starts here. */
  windowsFromMs: Moment,
  windowMs: Type.Number({ minimum: 1, maximum: 3_600_000 }),
};

const Open = Type.Object({
  ...shared,
  state: Type.Literal('open'),
  /** ISO 8601. */
  since: Type.String(),
  problem: Type.Object({
    code: Type.String(),
    message: Type.String(),
    remedy: Type.String(),
    link: Type.Optional(Type.String()),
  }),
  /** From this time on, one call may test whether the cloud is back. It names the round. */
  probeAtMs: Moment,
});
const Recovering = Type.Object({ ...shared, state: Type.Literal('recovering'), closedAtMs: Moment });
const stored = Compile(Type.Union([Open, Recovering]));

/** `open`: calls are held. `recovering`: calls go through again, and the held callers return. */
export type ProviderGateState = Readonly<Static<typeof Open>> | Readonly<Static<typeof Recovering>>;

/** The longest delay of a probe. */
export const LONGEST_HOLD_MS = 3_600_000;
/** The largest difference between two machines' clocks. */
export const CLOCK_SKEW_MS = 60_000;

/** Undefined for an absent or invalid value, or one with a time that no worker would have written. */
export function parseProviderGateState(value: unknown, nowMs: number): ProviderGateState | undefined {
  if (!stored.Check(value)) return undefined;
  const moments = [value.windowsFromMs, value.state === 'open' ? value.probeAtMs : value.closedAtMs];
  return moments.every((moment) => moment <= nowMs + LONGEST_HOLD_MS + CLOCK_SKEW_MS) ? value : undefined;
}

/** Each region of a cloud has a gate of its own: it is another API, often with another application of ours. */
export const gateKey = (provider: string, region: string): string => `${provider}.${region}`;

/** The provider of a gate's key: an operator pauses a provider with all its regions. */
export const providerOf = (key: string): string => key.split('.', 1)[0] ?? key;

/** A state that affects all connections of a provider. */
export interface ProviderState {
  /** `open`: calls to the cloud are held until it answers. `paused`: until an operator resumes them. */
  readonly state: 'ok' | 'open' | 'paused';
  /** ISO 8601. */
  readonly since: string | null;
  readonly problem: Problem | null;
}

export interface ProviderStates {
  /**
   * Of all the regions together: `open` if any of them is held. At most a second old; a pause is as old as the given
   * pauses are. Never throws: if a store does not answer, the state is `ok`.
   */
  read(provider: string, regions?: readonly string[]): Promise<ProviderState>;
}

/** A list calls this for each of its rows; the store is read once in this time. */
const FRESH_MS = 1_000;

export function createProviderStates(deps: {
  readonly ephemeral: Pick<EphemeralStore, 'get'>;
  readonly pauses: Pick<ProviderPauses, 'read'>;
  readonly clock: Clock;
}): ProviderStates {
  const { ephemeral, pauses, clock } = deps;
  const gates = createRecent({
    freshMs: FRESH_MS,
    clock,
    load: async (provider) => await answerOf(ephemeral.get(ephemeralKeys.providerGate(provider))),
  });
  return {
    async read(provider, regions = []) {
      const keys = [provider, ...regions.map((region) => gateKey(provider, region))];
      const [pause, ...values] = await Promise.all([
        answerOf(pauses.read(provider)),
        ...keys.map((key) => gates.get(key)),
      ]);
      if (pause) return { state: 'paused', since: pause.since, problem: pausedProblem(provider, pause) };
      const open = values
        .map((value) => parseProviderGateState(value, clock.now()))
        .find((gate): gate is Extract<ProviderGateState, { state: 'open' }> => gate?.state === 'open');
      return open
        ? { state: 'open', since: open.since, problem: open.problem }
        : { state: 'ok', since: null, problem: null };
    },
  };
}

const answerOf = async <T>(asking: Promise<T>): Promise<T | undefined> => await asking.catch(() => undefined);
