import { ephemeralKeys } from '../../stores/ephemeral/keys.ts';
import { apiProblems } from '../http/problem.ts';
import type { SignInDependencies } from './dependencies.ts';
import type { OpenedInvitation } from './open-invitation.ts';

/**
 * Wrong tries of one invitation, from all addresses together: guesses can come from many. So whoever has the link can
 * lock it; the tenant then makes another.
 */
const TRIES = 5;
const WINDOW_SECONDS = 15 * 60;
const TRIES_IN_ALL = 20;

type Open = Extract<OpenedInvitation, { state: 'open' }>;
type Dependencies = Pick<SignInDependencies, 'ephemeral' | 'links' | 'connections' | 'clock'>;

/**
 * Counts a try before it is checked, so that the limits also hold for parallel requests; a right one is taken back. The
 * last wrong try has the connection lock its invitation: the lock must not be lost with the counters. Throws 429 above
 * the limit of a quarter of an hour, and 503 while the counters or Temporal do not answer.
 */
export async function tryPasscode(
  { ephemeral, links, connections, clock }: Dependencies,
  { claims, view, expiresAt }: Open,
  passcode: string,
): Promise<'right' | 'wrong' | 'locked'> {
  const name = `passcode:${view.id}:${claims.e}`;
  const [lately, everKey] = [ephemeralKeys.rateLimit(name), ephemeralKeys.rateLimit(`${name}:ever`)];
  const leftSeconds = Math.max(1, Math.ceil((Date.parse(expiresAt) - clock.now()) / 1000));

  const { count, resetSeconds } = await ephemeral.increment(lately, WINDOW_SECONDS);
  if (count > TRIES) throw apiProblems.tooManyRequests('The passcode was wrong too often.', resetSeconds);
  const ever = await ephemeral.increment(everKey, leftSeconds);
  if (ever.count <= TRIES_IN_ALL && links.admits(claims, passcode)) {
    await ephemeral.increment(lately, WINDOW_SECONDS, -1);
    await ephemeral.increment(everKey, leftSeconds, -1);
    return 'right';
  }
  if (ever.count < TRIES_IN_ALL) return 'wrong';
  // Sent again with each later try, in case it was not delivered.
  await connections.lockInvitation(view.tenant, view.id, claims.e);
  return 'locked';
}
