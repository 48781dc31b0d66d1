import { jittered } from '../../contracts/backoff.ts';
import type { ConnectionState, Phase } from './phases.ts';

const MINUTE_MS = 60 * 1000;
const HOUR_MS = 60 * MINUTE_MS;

/** A run is replaced after about this long or this many events, so that a cold wake replays little and old code retires. */
const RUN_MS = 24 * HOUR_MS;
const EVENTS_PER_RUN = 200;
/** How much longer a run waits for upkeep to return by itself: longer than a cycle, and than a provider's spread. */
const UPKEEP_RETURNS_MS = 90 * MINUTE_MS;

/** What the main loop does next when no message comes, with the reason that the Temporal UI shows on the timer. */
export interface Wake {
  readonly at: number;
  readonly due: 'invitation' | 'confirmation' | 'upkeep' | 'renewRun';
  readonly summary: string;
}

export interface Run {
  readonly startedAt: number;
  /** Drawn once for each run, 0 ≤ x < 1: connections made in one minute must not all turn over in one minute. */
  readonly jitter: number;
  readonly historyEvents: number;
  readonly suggested: boolean;
  /** Upkeep is pending: it returns by itself when the day is over, and the run is not continued beside it. */
  readonly hasUpkeep: boolean;
}

/** The phase beneath a re-authorisation that is being verified. Unlike `beneath`, a pause is a phase of its own. */
const restingOf = (phase: Phase): Phase => (phase.status === 'verifying' ? phase.grant.returnTo : phase);

/** True where the cloud takes the credential: also beneath a re-authorisation that is being verified. */
export function isWorking(phase: Phase): boolean {
  const { status } = restingOf(phase);
  return status === 'active' || status === 'degraded';
}

/** True where the credential is renewed in this phase, or asked for again after a refusal that may heal. */
export function hasUpkeep(phase: Phase): boolean {
  const resting = restingOf(phase);
  return isWorking(phase) || (resting.status === 'action_required' && resting.mayHeal);
}

export function nextWake(state: ConnectionState, run: Run): Wake {
  const wakes = [renewRun(run), invitation(state), confirmation(state), upkeep(state)].filter((wake) => wake !== null);
  return wakes.reduce((first, wake) => (wake.at < first.at ? wake : first));
}

/** `upkeep` cancels what is pending: a history that has grown long is continued at once, a day that is over is not. */
export const runIsOver = (run: Run, nowMs: number): boolean =>
  run.suggested || run.historyEvents >= EVENTS_PER_RUN || nowMs >= renewRun(run).at;

export const runEndsAt = ({ startedAt, jitter }: Pick<Run, 'startedAt' | 'jitter'>): number =>
  startedAt + jittered(RUN_MS, jitter);

function renewRun(run: Run): Wake {
  return {
    at: runEndsAt(run) + (run.hasUpkeep ? UPKEEP_RETURNS_MS : 0),
    due: 'renewRun',
    summary: 'Daily renewal of this run',
  };
}

function invitation(state: ConnectionState): Wake | null {
  const { phase } = state;
  if (phase.status === 'verifying' || phase.status === 'disconnecting' || phase.status === 'stopped') return null;
  const expires = phase.status === 'awaiting_customer' ? phase.until : state.invitation?.expiresAt;
  if (expires === undefined) return null;
  return { at: Date.parse(expires), due: 'invitation', summary: `Waiting for the customer until ${expires}` };
}

function confirmation({ phase }: ConnectionState): Wake | null {
  if (phase.status !== 'verifying' || phase.grant.step !== 'confirmation') return null;
  const { deadline } = phase.grant;
  return {
    at: Date.parse(deadline),
    due: 'confirmation',
    summary: `Waiting for the account to be confirmed until ${deadline}`,
  };
}

function upkeep({ upkeepHeldUntil, phase }: ConnectionState): Wake | null {
  if (upkeepHeldUntil === null || !hasUpkeep(phase)) return null;
  return { at: Date.parse(upkeepHeldUntil), due: 'upkeep', summary: `Upkeep starts again at ${upkeepHeldUntil}` };
}
