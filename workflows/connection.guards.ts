import type { Command, RefreshCommand, SubmitCredentialsCommand } from './contracts/messages.ts';
import type { Problem } from './contracts/problem.ts';
import { isFinal, isResting, problemOf, type ConnectionState } from './connection.phases.ts';
import { hasUpkeep, remainingSeconds } from './connection.schedule.ts';

/** Why a command can't be served now; the API turns `kind` into a status (404, 409, 422, 429). */
export interface Rejection extends Problem {
  readonly kind: 'not_found' | 'conflict' | 'unprocessable' | 'too_soon';
}

type Verdict = Rejection | undefined;

const FORCED_REFRESH_EVERY_SECONDS = 60;
/** The local activity's own time-out. */
const HEARD_LATE_SECONDS = 9;

/** Pure and synchronous: what the update validators ask before anything enters history. */
export const guards = {
  /** Every command: another tenant's connection does not exist. */
  any(state: ConnectionState, command: Command): Verdict {
    if (command.tenant !== state.ref.tenant) {
      return reject('not_found', 'connection_not_found', 'There is no such connection.', 'Check the id.');
    }
    return undefined;
  },
  alive(state: ConnectionState, command: Command): Verdict {
    const { status } = state.phase;
    if (isFinal(state) || status === 'disconnecting') {
      return (
        guards.any(state, command) ??
        reject('conflict', 'connection_ended', `The connection is ${status}.`, 'Create a new connection.')
      );
    }
    return guards.any(state, command);
  },
  invite(state: ConnectionState, command: Command): Verdict {
    return (
      guards.alive(state, command) ??
      (state.phase.status === 'awaiting_customer'
        ? undefined
        : reject(
            'conflict',
            'already_connected',
            `The connection is ${state.phase.status}; it needs no invitation.`,
            'To sign in again, call POST /v1/connections/{id}/reauthorize.',
          ))
    );
  },
  reauthorize(state: ConnectionState, command: Command): Verdict {
    return (
      guards.alive(state, command) ??
      (isResting(state.phase) && state.phase.status !== 'awaiting_customer'
        ? undefined
        : reject(
            'conflict',
            'nothing_to_reauthorize',
            `The connection is ${state.phase.status}.`,
            'Use its invitation, or wait until it is active.',
          ))
    );
  },
  submit(state: ConnectionState, command: SubmitCredentialsCommand): Verdict {
    const { invitation, phase } = state;
    const rejected = guards.alive(state, command);
    if (rejected) return rejected;
    if (!invitation || invitation.epoch !== command.epoch) {
      return reject(
        'conflict',
        'invitation_replaced',
        'This invitation has been used up, replaced or revoked.',
        'Ask for a new link.',
      );
    }
    if (phase.status === 'verifying' && phase.grant.step !== 'proof') {
      return reject(
        'conflict',
        'already_verifying',
        'What was submitted before is being taken in.',
        'Wait for its outcome.',
      );
    }
    return undefined;
  },
  confirm(state: ConnectionState, command: Command): Verdict {
    const { phase } = state;
    return (
      guards.alive(state, command) ??
      (phase.status === 'verifying' && phase.grant.step === 'confirmation'
        ? undefined
        : reject(
            'conflict',
            'nothing_to_confirm',
            'No account waits to be confirmed.',
            'Look at the connection first.',
          ))
    );
  },
  refresh(state: ConnectionState, command: RefreshCommand, nowMs: number, askedAtMs: number): Verdict {
    const { credential, phase } = state;
    const rejected = guards.alive(state, command);
    if (rejected) return rejected;
    if (!credential)
      return reject('conflict', 'not_connected', 'There is no credential yet.', 'Wait until the connection is active.');
    if (phase.status === 'paused') {
      return reject(
        'conflict',
        'connection_paused',
        'The connection is paused.',
        'Call POST /v1/connections/{id}/resume.',
      );
    }
    if (!hasUpkeep(phase)) {
      const problem = problemOf(phase);
      return problem
        ? { kind: 'conflict', ...problem }
        : reject('conflict', 'not_active', `The connection is ${phase.status}.`, 'Wait.');
    }
    if (!credential.renewable) {
      return reject(
        'conflict',
        'no_refresh_token',
        'The cloud gave no refresh token.',
        'Re-authorise when the token expires.',
      );
    }
    return command.minTtlSeconds === null
      ? tooSoon(state, nowMs, askedAtMs)
      : tooLong(command.minTtlSeconds, credential.lifetimeSeconds);
  },
  discover(state: ConnectionState, command: Command): Verdict {
    const rejected = guards.working(state, command);
    if (rejected) return rejected;
    return state.discovery
      ? undefined
      : reject('conflict', 'nothing_to_discover', 'This way of connecting lists no resources.', 'Use another method.');
  },
  /** A live credential that the cloud takes, as far as is known. */
  working(state: ConnectionState, command: Command): Verdict {
    const rejected = guards.alive(state, command);
    if (rejected) return rejected;
    if (state.credential && hasUpkeep(state.phase)) return undefined;
    return reject('conflict', 'not_active', `The connection is ${state.phase.status}.`, 'Wait until it is active.');
  },
  pause(state: ConnectionState, command: Command): Verdict {
    return (
      guards.alive(state, command) ??
      (state.phase.status === 'paused' || (isResting(state.phase) && state.phase.status !== 'awaiting_customer')
        ? undefined
        : reject(
            'conflict',
            'nothing_to_pause',
            `The connection is ${state.phase.status}.`,
            'Wait until it is active.',
          ))
    );
  },
} as const;

/** True when the stored credential serves the reader as it is, or was issued too recently to ask for another. */
export function servesAsIs(state: ConnectionState, command: RefreshCommand, askedAtMs: number, nowMs: number): boolean {
  const { credential } = state;
  if (!credential) return false;
  // Issued since the caller asked: somebody's refresh was joined.
  if (Date.parse(credential.issuedAt) >= askedAtMs) return true;
  if (command.minTtlSeconds === null) return joinsForced(state, askedAtMs);
  const young = nowMs - Date.parse(credential.issuedAt) < FORCED_REFRESH_EVERY_SECONDS * 1000;
  return young || remainingSeconds(credential, nowMs) >= command.minTtlSeconds;
}

/**
 * A refresh that another caller forced serves this one too. While a local activity runs no message is heard, so that
 * a request made meanwhile arrives just after the end: what comes within an activity's time of it counts as joined.
 */
export const joinsForced = ({ forcedAt }: ConnectionState, askedAtMs: number): boolean =>
  forcedAt !== null && askedAtMs - Date.parse(forcedAt) <= HEARD_LATE_SECONDS * 1000;

function tooSoon(state: ConnectionState, nowMs: number, askedAtMs: number): Verdict {
  if (joinsForced(state, askedAtMs)) return undefined;
  const since = state.forcedAt === null ? Infinity : (nowMs - Date.parse(state.forcedAt)) / 1000;
  if (since >= FORCED_REFRESH_EVERY_SECONDS) return undefined;
  const wait = Math.ceil(FORCED_REFRESH_EVERY_SECONDS - since);
  return reject(
    'too_soon',
    'refresh_too_soon',
    'A refresh was forced less than a minute ago.',
    `Try again in ${wait} seconds.`,
  );
}

function tooLong(minTtlSeconds: number, lifetimeSeconds: number | null): Verdict {
  if (lifetimeSeconds === null || minTtlSeconds <= lifetimeSeconds) return undefined;
  return reject(
    'unprocessable',
    'minimum_life_too_long',
    `A life of ${minTtlSeconds} seconds was asked for; the cloud issues tokens for ${lifetimeSeconds}.`,
    `Ask for at most ${lifetimeSeconds} seconds.`,
  );
}

function reject(kind: Rejection['kind'], code: string, message: string, remedy: string): Rejection {
  return { kind, code, message, remedy };
}
