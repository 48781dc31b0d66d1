import { ephemeralKeys } from '../../stores/ephemeral/keys.ts';
import type { EphemeralStore } from '../../stores/ephemeral/port.ts';
import { apiProblems } from '../http/problem.ts';

const PASSCODE_TRIES = 5;
const PASSCODE_WINDOW_SECONDS = 15 * 60;
const TRIES_NOW = 6;
const TRY_NOW_WINDOW_SECONDS = 60;
const SIGN_INS = 60;
const SIGN_IN_WINDOW_SECONDS = 600;

/** Counts a try before it is looked at, so that many at once are no more than five. Throws the 429 beyond. */
export async function countPasscodeTry(ephemeral: EphemeralStore, connection: string, epoch: number): Promise<void> {
  const key = ephemeralKeys.rateLimit(`passcode:${connection}:${epoch}`);
  const { count, resetSeconds } = await ephemeral.increment(key, PASSCODE_WINDOW_SECONDS);
  if (count > PASSCODE_TRIES) {
    throw apiProblems.tooManyRequests('The passcode was wrong too often.', resetSeconds);
  }
}

/** A cloud that is asked too often answers nobody: neither this connection nor the others. */
export async function countTryNow(ephemeral: EphemeralStore, connection: string): Promise<void> {
  const key = ephemeralKeys.rateLimit(`try-now:${connection}`);
  const { count, resetSeconds } = await ephemeral.increment(key, TRY_NOW_WINDOW_SECONDS);
  if (count > TRIES_NOW) throw apiProblems.tooManyRequests('It was tried often enough within a minute.', resetSeconds);
}

/** Each begun sign-in is kept for ten minutes: one link must not fill the store. */
export async function countSignIn(ephemeral: EphemeralStore, connection: string): Promise<void> {
  const key = ephemeralKeys.rateLimit(`sign-in:${connection}`);
  const { count, resetSeconds } = await ephemeral.increment(key, SIGN_IN_WINDOW_SECONDS);
  if (count > SIGN_INS) throw apiProblems.tooManyRequests('Too many sign-ins were begun with this link.', resetSeconds);
}
