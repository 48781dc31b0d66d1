/** Ten years: beyond it a lifetime is a mistake of the cloud's, and arithmetic with dates is no longer safe. */
const LONGEST_SECONDS = 10 * 365 * 24 * 60 * 60;

/**
 * A lifetime as a cloud gave it (`expires_in`, RFC 6749, 5.1), in whole seconds. Undefined for what is no usable
 * lifetime: text that is no number, zero, a negative number, NaN. An absurdly long one is cut to ten years.
 */
export function usableLifetime(seconds: unknown): number | undefined {
  const value = typeof seconds === 'string' && seconds.trim() !== '' ? Number(seconds) : seconds;
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
  const whole = Math.floor(Math.min(value, LONGEST_SECONDS));
  return whole >= 1 ? whole : undefined;
}
