/**
 * A token reply (RFC 6749, 5.1) as a strict parser takes it. By the time it is read, the refresh token or the code is
 * spent: a reply that has an access token must never be thrown away because another field is odd. A missing token type
 * is Bearer, and a lifetime or scope that makes no sense counts as left out. Any other reply is returned unchanged.
 */
export async function lenientTokenReply(response: Response): Promise<Response> {
  if (!response.ok) return response;
  const reply: unknown = await response
    .clone()
    .json()
    .catch(() => undefined);
  if (typeof reply !== 'object' || reply === null || !('access_token' in reply)) return response;
  const { expires_in, scope, token_type, ...kept } = reply as Record<string, unknown>;
  const lifetime = usableLifetime(expires_in);
  const lenient = {
    ...kept,
    token_type: typeof token_type === 'string' && token_type !== '' ? token_type : 'Bearer',
    ...(lifetime === undefined ? {} : { expires_in: lifetime }),
    ...(typeof scope === 'string' ? { scope } : {}),
  };
  const { status, statusText, headers } = response;
  const changed = new Headers(headers);
  changed.set('content-type', 'application/json');
  return new Response(JSON.stringify(lenient), { status, statusText, headers: changed });
}

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
