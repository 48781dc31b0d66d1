import type { CredentialView } from './contracts/connection.ts';
import { iso } from './contracts/credential-schedule.ts';
import { isResting, type ConnectionState, type Phase } from './connection.phases.ts';
import { nextDiscoveryAt } from './discovery.state.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const JITTER = 0.1;
const LONGEST_BACKOFF_MS = 5 * MINUTE;
const LONGEST_RETRY_AFTER_MS = HOUR;

/** A run is replaced after about this long or this many cycles, so that a cold wake replays little and old code retires. */
const RUN_MS = 24 * HOUR;
const CYCLES_PER_RUN = 24;
const EVENTS_PER_RUN = 240;

/** What the main loop does next when no message comes, with the reason that the Temporal UI shows on the timer. */
export interface Wake {
  readonly at: number;
  readonly due: 'refresh' | 'expiry' | 'invitation' | 'confirmation' | 'discovery' | 'renewRun';
  readonly summary: string;
}

export interface Run {
  readonly startedAt: number;
  /** Drawn once for each run, 0 ≤ x < 1: connections made in one minute must not all turn over in one minute. */
  readonly jitter: number;
  readonly cycles: number;
  readonly historyEvents: number;
  readonly suggested: boolean;
}

/** Milliseconds until a failed refresh is tried again: doubling from 10 s to 5 minutes, or as the cloud asked. */
export function backoffMs(failures: number, retryAfterSeconds: number | null, random: number): number {
  const own = Math.min(LONGEST_BACKOFF_MS, 10 * SECOND * 2 ** Math.min(failures, 10));
  const asked = Math.min((retryAfterSeconds ?? 0) * SECOND, LONGEST_RETRY_AFTER_MS);
  return Math.round(Math.max(own * (1 - JITTER * random), asked));
}

/** Seconds the credential still lives; Infinity where it does not expire. */
export function remainingSeconds(credential: CredentialView, nowMs: number): number {
  return credential.expiresAt === null ? Infinity : (Date.parse(credential.expiresAt) - nowMs) / SECOND;
}

/** True where the hourly loop works on this phase: also beneath a re-authorisation that is being verified. */
export function hasUpkeep(phase: Phase): boolean {
  const resting = phase.status === 'verifying' ? phase.grant.returnTo : phase;
  return isResting(resting) && (resting.status === 'active' || resting.status === 'degraded');
}

export function nextWake(state: ConnectionState, run: Run): Wake {
  const wakes = [renewRun(run), invitation(state), confirmation(state), upkeep(state), discovery(state)].filter(
    (wake) => wake !== null,
  );
  return wakes.reduce((first, wake) => (wake.at < first.at ? wake : first));
}

export const runIsOver = (run: Run, nowMs: number): boolean =>
  run.suggested || run.cycles >= CYCLES_PER_RUN || run.historyEvents >= EVENTS_PER_RUN || nowMs >= runEndsAt(run);

export const runEndsAt = ({ startedAt, jitter }: Run): number => startedAt + RUN_MS * (1 - JITTER * jitter);

function renewRun(run: Run): Wake {
  return {
    at: runEndsAt(run),
    due: 'renewRun',
    summary: 'Daily renewal of this run',
  };
}

function invitation(state: ConnectionState): Wake | null {
  const { phase } = state;
  if (phase.status === 'verifying') return null;
  const lapses = phase.status === 'awaiting_customer' ? phase.until : state.invitation?.expiresAt;
  if (lapses === undefined || phase.status === 'disconnecting') return null;
  return { at: Date.parse(lapses), due: 'invitation', summary: `Waiting for the customer until ${lapses}` };
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

function discovery({ discovery: plan, phase, credential, sealed }: ConnectionState): Wake | null {
  const next = plan && nextDiscoveryAt(plan);
  if (!next || phase.status !== 'active' || !credential || sealed) return null;
  return { at: Date.parse(next), due: 'discovery', summary: `Next discovery at ${next}` };
}

function upkeep(state: ConnectionState): Wake | null {
  const { credential } = state;
  if (!credential || !hasUpkeep(state.phase) || state.sealed) return null;
  if (credential.nextRefreshAt !== null) {
    const why = state.phase.status === 'degraded' ? `${state.phase.problem.code}; next try` : 'Next refresh';
    return {
      at: Date.parse(credential.nextRefreshAt),
      due: 'refresh',
      summary: `${why} at ${credential.nextRefreshAt}`,
    };
  }
  if (credential.expiresAt === null) return null;
  const { expiresAt } = credential;
  return {
    at: Date.parse(expiresAt),
    due: 'expiry',
    summary: `Not renewable; the access token expires at ${expiresAt}`,
  };
}

export { iso };
