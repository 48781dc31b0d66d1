import type { CallFailure } from '../http/call-error.ts';
import type { Verdict } from '../http/classify.ts';

/** What an OAuth error means at one cloud, to whom, and what they can do. */
export interface Reading {
  readonly class: Verdict['class'];
  readonly cause: string;
  readonly remedy: string;
}

export type OAuthError = Extract<CallFailure, { kind: 'oauth' }>;

/** The words that users know from other tools; they search for them. */
export const titles = {
  exchange: 'Token exchange failed',
  refresh: 'Token refresh failed',
  revoke: 'Token revocation failed',
  call: 'The call failed',
} as const;

/** `quote` is the cloud's own words as far as they help, with a space before them. `name`, where more is known than the error. */
export const oauthVerdict = (
  { class: kind, cause, remedy }: Reading,
  { error, name = error, title, quote }: { error: string; name?: string; title: string; quote: string },
): Verdict => ({
  class: kind,
  problem: { code: error, message: `${title}: ${name}. ${cause}${quote}`, remedy },
});

/** RFC 6749, 5.2: one error for all that can be wrong with a code. */
export const codeUsed = (remedy: string): Reading => ({
  class: 'user',
  cause:
    'The authorization code was used already (codes are single use; the callback page was reloaded), has expired, or was not meant for this redirect_uri.',
  remedy,
});

export const ownProblem = (cloud: string): Reading => ({
  class: 'transient',
  cause: `${cloud} has a problem of its own.`,
  remedy: 'It is tried again by itself.',
});
