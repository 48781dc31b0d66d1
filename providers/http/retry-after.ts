/** IMF-fixdate, and the two older forms (RFC 9110, 5.6.7): all begin with the name of a weekday. */
const HTTP_DATE = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /;
/** A day: each caller has a shorter limit of its own, and arithmetic with dates stays safe. */
const LONGEST_SECONDS = 86_400;

/**
 * When a cloud wants to be asked again: a number of seconds, or a date (RFC 9110, 10.2.3). Null for what says nothing
 * that one could wait for: no header, zero, a moment that has passed, a fraction, a negative number, other text. The
 * usual pause between two tries holds then.
 */
export function parseRetryAfter(header: string | null | undefined, nowMs: number): number | null {
  const value = header?.trim() ?? '';
  const seconds = /^\d+$/.test(value) ? Number(value) : secondsUntil(value, nowMs);
  return seconds >= 1 ? Math.min(seconds, LONGEST_SECONDS) : null;
}

function secondsUntil(date: string, nowMs: number): number {
  return HTTP_DATE.test(date) ? Math.ceil((Date.parse(date) - nowMs) / 1000) : NaN;
}
