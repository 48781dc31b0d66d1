import type { AccessRecord } from '../../stores/secrets/credential-record.ts';
import type { Problem } from '../../contracts/problem.ts';
import { ApiProblem } from '../http/problem.ts';

/** The named fields of a record. A field that a method adds is withheld until its manifest names it. */
export const leasedCredential = (record: AccessRecord, leased: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    Object.entries(record).filter(
      (entry): entry is [string, string] => leased.includes(entry[0]) && typeof entry[1] === 'string',
    ),
  );

export type LeaseDecision =
  | { readonly lease: 'serve'; readonly remainingSeconds: number | null }
  | { readonly lease: 'refresh'; readonly remainingSeconds: number }
  | { readonly lease: 'impossible'; readonly maximumTtlSeconds: number };

/** Whether a record serves a reader who needs it to live this long. Pure. */
export function decideLease(record: AccessRecord, minTtlSeconds: number, nowMs: number): LeaseDecision {
  const { mooring, expires_at: expiresAt } = record;
  if (expiresAt == null) return { lease: 'serve', remainingSeconds: null };
  const remainingSeconds = Math.floor(expiresAt - nowMs / 1000);
  if (remainingSeconds > 0 && remainingSeconds >= minTtlSeconds) return { lease: 'serve', remainingSeconds };
  const { ttl_seconds: maximum } = mooring;
  if (maximum !== null && minTtlSeconds > maximum) {
    return { lease: 'impossible', maximumTtlSeconds: Math.floor(maximum) };
  }
  return { lease: 'refresh', remainingSeconds };
}

export const lifeTooLong = (minTtlSeconds: number, maximumTtlSeconds: number): ApiProblem =>
  new ApiProblem({
    status: 422,
    code: 'minimum_life_too_long',
    message: `A life of ${minTtlSeconds} seconds was asked for; the cloud issues credentials for ${maximumTtlSeconds}.`,
    remedy: `Ask for at most ${maximumTtlSeconds} seconds.`,
    details: { maximumTtlSeconds },
  });

/** Told to a reader who is served a credential that lives shorter than asked for. */
export const shorterThanAsked = (remainingSeconds: number, cause: Problem): Problem => ({
  code: 'life_shorter_than_asked',
  message: `The credential lives for another ${remainingSeconds} seconds and could not be renewed now: ${cause.message}`,
  remedy: cause.remedy,
});
