import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/logger.ts';
import type { EphemeralStore } from '../../stores/ephemeral/port.ts';
import { pausedProblem, recentPauses, type ProviderPause, type ProviderPauses } from '../../stores/provider-pauses.ts';
import { providerOf, type ProviderGateState } from '../../stores/provider-states.ts';
import type { Problem } from '../../contracts/problem.ts';
import { iso } from '../../contracts/time.ts';
import { createGateStore } from './gate-store.ts';
import { nextWindowMs, probeBackoffMs, shareLetIn, windowFor, windowsOf, type Windows } from './gate-windows.ts';

export interface Held {
  readonly state: 'paused' | 'open';
  /** Unix ms: when this caller should ask again, already spread. */
  readonly retryAtMs: number;
  readonly problem: Problem;
}

/**
 * Stands before all calls to one region of a provider's cloud (named by `gateKey`) and holds them while they are
 * useless: the cloud does not answer, it refuses our application, or an operator has paused it. Shared by all workers.
 *
 * Closed (calls go on) → open, at once when the cloud refuses our own application, or when {@link UNANSWERED_IN_A_ROW}
 * calls in a row got no answer. Open → one call at a time is let through as a probe, at growing intervals; the first
 * that is answered closes the gate. After that, the held callers come back spread over a window or two.
 */
export interface ProviderGate {
  /** Undefined = call the cloud now: the call may be the probe, which is reserved for twenty seconds. Never throws. */
  check(provider: string): Promise<Held | undefined>;
  /**
   * `open`: calls are held. `recovering`: calls go on, and those that were held come back; what waited in Temporal's
   * queue meanwhile must not follow all at once. Takes no probe and books none, so it may be asked at any time. Never
   * throws.
   */
  state(provider: string): Promise<'closed' | 'open' | 'recovering'>;
  /**
   * When a caller should ask again after its own call has failed. Unlike {@link check}, it never makes that caller the
   * probe. Undefined = calls are not held. Never throws.
   */
  afterFailure(provider: string): Promise<Held | undefined>;
  /** Records the result of a call. `answered` also covers refusals of one connection. Never throws. */
  note(
    provider: string,
    result: 'answered' | 'unavailable' | 'misconfigured',
    problem: Problem | null,
    retryAfterSeconds: number | null,
  ): Promise<void>;
}

/**
 * Enough not to be a coincidence (a cloud that fails one call in ten would give five in a row once in 100,000), few
 * enough to spare a cloud that is down, and more than a small installation makes in half a minute: its connections are
 * no herd, and each backs off on its own.
 */
const UNANSWERED_IN_A_ROW = 5;
const ROW_SECONDS = 30;
/**
 * In addition, no worker got an answer for this long. A cloud that serves every second call must not be held, nor must
 * one worker without a network hold all the others. It is longer than an answer takes to be shared between workers.
 */
const SILENCE_MS = 2_000;

/** Longer than a call may take. After that another caller may probe: the worker of this probe may have died. */
const PROBE_SECONDS = 20;
/** The caller that makes the probe returns this much after the probe may begin, because machines' clocks differ. */
const BOOKING_DELAY_MS = 1_000;
/** An open gate expires when no caller has asked for this long after its next probe was due. */
const SILENT_STATE_SECONDS = 900;

type Open = Extract<ProviderGateState, { state: 'open' }>;
type Recovering = Extract<ProviderGateState, { state: 'recovering' }>;

export function createProviderGate(deps: {
  readonly ephemeral: EphemeralStore;
  readonly pauses: ProviderPauses;
  readonly clock: Clock;
  readonly logger: Logger;
  /** From 0 to 1. */
  readonly random: () => number;
  /** A caller that is held asks again about once in this time, sooner where they are few (`windowFor`). */
  readonly spreadSeconds?: number;
}): ProviderGate {
  const { clock, logger, random, spreadSeconds = 120 } = deps;
  const windowMs = spreadSeconds * 1_000;
  const store = createGateStore(deps);
  const pauses = recentPauses(deps.pauses, clock);
  /** Probes that this worker makes. */
  const probes = new Map<string, { readonly untilMs: number; failed: boolean }>();
  /** Pauses that this worker knows of. */
  const paused = new Map<string, ProviderPause>();
  const resuming = new Map<string, Promise<ProviderGateState>>();
  const unreadable = new Set<string>();
  const opening = new Set<string>();

  const hold = (windows: Windows, problem: Problem): Held => ({
    state: 'open',
    retryAtMs: Math.round(nextWindowMs(windows, clock.now()) + random() * windows.windowMs),
    problem,
  });

  async function pauseOf(provider: string): Promise<ProviderPause | undefined> {
    try {
      const pause = await pauses.read(providerOf(provider));
      unreadable.delete(provider);
      return pause;
    } catch (error) {
      if (!unreadable.has(provider)) {
        logger.warn({ provider, err: error }, 'Whether the provider is paused is not known: it is taken not to be.');
      }
      unreadable.add(provider);
      return undefined;
    }
  }

  function heldByPause(provider: string, pause: ProviderPause): Held {
    if (!paused.has(provider)) logger.info({ provider, since: pause.since }, 'An operator has paused the provider.');
    paused.set(provider, pause);
    const held = hold(windowsOf(pause, windowMs, clock.now()), pausedProblem(providerOf(provider), pause));
    return { ...held, state: 'paused' };
  }

  /** A pause has ended: the callers that it held come back as after an outage. */
  async function afterPause(
    provider: string,
    pause: ProviderPause,
    state: ProviderGateState | undefined,
  ): Promise<ProviderGateState> {
    logger.info({ provider, since: pause.since }, 'The provider was resumed.');
    if (state) return state;
    return await recover(provider, windowsOf(pause, windowMs, clock.now()), 0);
  }

  async function stateUnlessPaused(
    provider: string,
    known: ProviderGateState | undefined,
  ): Promise<ProviderGateState | undefined> {
    const pause = paused.get(provider);
    paused.delete(provider);
    if (pause) resuming.set(provider, afterPause(provider, pause, known));
    // Concurrent callers must wait for the one that noticed the end of the pause, and not pass beside it.
    const state = resuming.get(provider);
    if (!state) return known;
    try {
      return await state;
    } finally {
      resuming.delete(provider);
    }
  }

  async function recover(provider: string, windows: Windows, failedProbes: number): Promise<Recovering> {
    const now = clock.now();
    const state: Recovering = {
      v: 1,
      state: 'recovering',
      closedAtMs: now,
      windowsFromMs: windows.windowsFromMs,
      windowMs: windows.windowMs,
      failedProbes,
    };
    await store.save(provider, state, (nextWindowMs(windows, now) + windows.windowMs - now) / 1_000);
    return state;
  }

  async function openNow(provider: string, problem: Problem, retryAfterSeconds: number | null): Promise<void> {
    const before = await store.latestState(provider);
    if (before?.state === 'open') return;
    const now = clock.now();
    // It was closed too early, so it waits longer than the last time.
    const failedProbes = before ? before.failedProbes + 1 : 0;
    const probeAtMs = now + probeBackoffMs(failedProbes, retryAfterSeconds);
    const callers = await store.callers(provider);
    await save(provider, {
      v: 1,
      state: 'open',
      since: iso(now),
      problem,
      failedProbes,
      probeAtMs,
      windowsFromMs: probeAtMs,
      windowMs: windowFor(callers, windowMs),
    });
    logger.warn({ provider, problem: problem.code, probeAt: iso(probeAtMs) }, 'Calls to the provider are held.');
  }

  async function open(provider: string, problem: Problem, retryAfterSeconds: number | null): Promise<void> {
    // Concurrent calls fail together: the first of them opens the gate.
    if (opening.has(provider)) return;
    opening.add(provider);
    await openNow(provider, problem, retryAfterSeconds);
    opening.delete(provider);
  }

  async function probeFailed(
    provider: string,
    state: Open,
    problem: Problem,
    retryAfterSeconds: number | null,
  ): Promise<void> {
    const failedProbes = state.failedProbes + 1;
    const waitMs = probeBackoffMs(failedProbes, retryAfterSeconds);
    const probeAtMs = clock.now() + waitMs;
    // No caller needs to ask before a probe that is far away, so new windows begin with it. Until then each caller asks
    // once more, and gets a place in the new windows.
    const windowsFromMs = waitMs > 2 * state.windowMs ? probeAtMs : state.windowsFromMs;
    await save(provider, { ...state, problem, failedProbes, probeAtMs, windowsFromMs });
    logger.info(
      { provider, problem: problem.code, failedProbes, probeAt: iso(probeAtMs) },
      'The provider still does not serve.',
    );
  }

  const save = async (provider: string, state: Open): Promise<void> =>
    await store.save(provider, state, (state.probeAtMs - clock.now()) / 1_000 + SILENT_STATE_SECONDS);

  async function holdOrProbe(provider: string, known: Open): Promise<Held | undefined> {
    const now = clock.now();
    // Another worker may have decided within the last second.
    const state = now < known.probeAtMs ? known : await store.latestState(provider);
    if (state?.state !== 'open') return state && holdSome(provider, state);
    if (now < state.probeAtMs) return await holdOrBook(provider, state);
    if (!(await store.takeProbe(provider, state.probeAtMs, PROBE_SECONDS))) return hold(state, state.problem);
    probes.set(provider, { untilMs: now + PROBE_SECONDS * 1_000, failed: false });
    return undefined;
  }

  /** Books one caller for the probe. Otherwise, with few connections, none might ask for minutes. */
  async function holdOrBook(provider: string, state: Open): Promise<Held> {
    const ttlSeconds = (state.probeAtMs - clock.now()) / 1_000 + 2 * PROBE_SECONDS;
    const mine = await store.bookProbe(provider, state.probeAtMs, ttlSeconds);
    const held = hold(state, state.problem);
    return mine ? { ...held, retryAtMs: state.probeAtMs + BOOKING_DELAY_MS } : held;
  }

  function holdSome(provider: string, state: Recovering): Held | undefined {
    const allFromMs = nextWindowMs(state, state.closedAtMs);
    const letIn = clock.now() >= allFromMs || random() < shareLetIn(state, state.closedAtMs);
    return letIn ? undefined : hold(state, recovering(provider));
  }

  return {
    async check(provider) {
      const [pause, known] = await Promise.all([pauseOf(provider), store.state(provider)]);
      if (pause) return heldByPause(provider, pause);
      const state = await stateUnlessPaused(provider, known);
      if (!state) return undefined;
      return state.state === 'open' ? await holdOrProbe(provider, state) : holdSome(provider, state);
    },

    async state(provider) {
      const [pause, state] = await Promise.all([pauseOf(provider), store.state(provider)]);
      return pause ? 'open' : (state?.state ?? 'closed');
    },

    async afterFailure(provider) {
      const [pause, state] = await Promise.all([pauseOf(provider), store.state(provider)]);
      if (pause) return heldByPause(provider, pause);
      if (state?.state !== 'open') return undefined;
      return clock.now() < state.probeAtMs ? await holdOrBook(provider, state) : hold(state, state.problem);
    },

    async note(provider, result, problem, retryAfterSeconds) {
      const probe = probes.get(provider);
      const probing = probe !== undefined && clock.now() < probe.untilMs;
      if (result === 'answered') {
        await store.answered(provider);
        if (!probing) return;
        probes.delete(provider);
        const state = await store.latestState(provider);
        if (state?.state !== 'open') return;
        await recover(provider, state, state.failedProbes);
        logger.info({ provider, since: state.since }, 'The provider serves again: calls go on.');
        return;
      }
      const reason = problem ?? silence(provider);
      if (probing) {
        const state = probe.failed ? undefined : await store.latestState(provider);
        // This may have been an older call, from before the gate opened: an answer that comes later still counts.
        probe.failed = true;
        if (state?.state === 'open') await probeFailed(provider, state, reason, retryAfterSeconds);
        return;
      }
      if (result === 'misconfigured') return await open(provider, reason, retryAfterSeconds);
      const { count, lastAnswerMs } = await store.unanswered(provider, ROW_SECONDS);
      if (count < UNANSWERED_IN_A_ROW || clock.now() - lastAnswerMs < SILENCE_MS) return;
      await open(provider, reason, retryAfterSeconds);
    },
  };
}

const recovering = (provider: string): Problem => ({
  code: 'provider_recovering',
  message: `Work with the provider "${provider}" goes on again; what has waited comes back over a few minutes.`,
  remedy: 'Nothing to do: its turn comes by itself.',
});

const silence = (provider: string): Problem => ({
  code: 'cloud_unavailable',
  message: `The cloud of the provider "${provider}" does not serve at the moment.`,
  remedy: 'Nothing to do: it is tried again by itself.',
});
