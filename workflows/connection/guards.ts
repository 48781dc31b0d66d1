import type { CredentialFacts } from '../../contracts/connection.ts';
import type { Command, RefreshCommand, SubmitCredentialsCommand } from '../../contracts/messages.ts';
import type { Problem } from '../../contracts/problem.ts';
import { isFinal, isResting, problemOf, type ConnectionState } from './phases.ts';
import { hasUpkeep, isWorking } from './schedule.ts';

/** Why a command cannot be served now; the API turns `kind` into a status (404, 409, 422, 429). */
export interface Rejection extends Problem {
  readonly kind: 'not_found' | 'conflict' | 'unprocessable' | 'too_soon';
}

type Verdict = Rejection | undefined;

const FORCED_REFRESH_EVERY_SECONDS = 60;
const JOINS_WITHIN_SECONDS = 9;

/** Pure and synchronous: called by the update validators, before anything enters the history. */
export const guards = {
  /** For every command. To another tenant the connection does not exist. */
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
  /** Not stopped: a person has to decide first whether it goes on. */
  running(state: ConnectionState, command: Command): Verdict {
    const rejected = guards.alive(state, command);
    if (rejected) return rejected;
    return state.phase.status === 'stopped'
      ? reject(
          'conflict',
          'connection_stopped',
          'The workflow of this connection was ended from outside Mooring.',
          'POST /v1/connections/{id}/recover first, or DELETE the connection.',
        )
      : undefined;
  },
  recover(state: ConnectionState, command: Command): Verdict {
    return (
      guards.alive(state, command) ??
      (state.phase.status === 'stopped'
        ? undefined
        : reject(
            'conflict',
            'nothing_to_recover',
            `The connection is ${state.phase.status}.`,
            'Nothing is to be done.',
          ))
    );
  },
  invite(state: ConnectionState, command: Command): Verdict {
    return (
      guards.running(state, command) ??
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
      guards.running(state, command) ??
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
    const rejected = guards.running(state, command);
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
      guards.running(state, command) ??
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
    const rejected = guards.running(state, command);
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
      : tooLong(command.minTtlSeconds, credential);
  },
  discover(state: ConnectionState, command: Command): Verdict {
    const rejected = guards.working(state, command);
    if (rejected) return rejected;
    return state.discovery
      ? undefined
      : reject('conflict', 'nothing_to_discover', 'This way of connecting lists no resources.', 'Use another method.');
  },
  /** There is a live credential, and the cloud has not refused it. */
  working(state: ConnectionState, command: Command): Verdict {
    const rejected = guards.running(state, command);
    if (rejected) return rejected;
    if (state.credential && isWorking(state.phase)) return undefined;
    return reject('conflict', 'not_active', `The connection is ${state.phase.status}.`, 'Wait until it is active.');
  },
  pause(state: ConnectionState, command: Command): Verdict {
    return (
      guards.running(state, command) ??
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

/**
 * A forced refresh joins another one that ended after it was asked for, or a few seconds before: a client that repeats
 * its request gets the answer of the first.
 */
export const joinsForced = ({ forcedAt }: ConnectionState, askedAtMs: number): boolean =>
  forcedAt !== null && askedAtMs - Date.parse(forcedAt) <= JOINS_WITHIN_SECONDS * 1000;

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

function tooLong(minTtlSeconds: number, { issuedAt, expiresAt }: CredentialFacts): Verdict {
  if (expiresAt === null) return undefined;
  const lifetimeSeconds = Math.round((Date.parse(expiresAt) - Date.parse(issuedAt)) / 1000);
  if (minTtlSeconds <= lifetimeSeconds) return undefined;
  return reject(
    'unprocessable',
    'minimum_life_too_long',
    `A life of ${minTtlSeconds} seconds was asked for; the cloud issues tokens for ${lifetimeSeconds}.`,
    `Ask for at most ${lifetimeSeconds} seconds.`,
  );
}

/** What is not of the shape of its message is refused before it enters history. */
export const malformed = (reason: string): Rejection =>
  reject('unprocessable', 'malformed_message', `The message is not one of Mooring's: ${reason}.`, 'Use the API.');

function reject(kind: Rejection['kind'], code: string, message: string, remedy: string): Rejection {
  return { kind, code, message, remedy };
}
