/**
 * A token reply (RFC 6749, 5.1) as a strict parser takes it. By the time it is read, the refresh token or the code is
 * spent: a reply that has an access token must never be thrown away because something else about it is odd. Every token
 * is used as a Bearer token, whatever type the reply names: if that is wrong, the proof that follows is refused. A lifetime, scope or refresh token that makes no sense counts as left out; so does an ID token that nothing reads
 * (`readsIdToken` false), which is then not checked either. A reply without an access token is returned unchanged.
 */
export async function lenientTokenReply(
  response: Response,
  { readsIdToken }: { readonly readsIdToken: boolean },
): Promise<Response> {
  if (!response.ok) return response;
  const reply: unknown = await response
    .clone()
    .json()
    .catch(() => undefined);
  if (typeof reply !== 'object' || reply === null || !('access_token' in reply)) return response;
  const { expires_in, scope, refresh_token, id_token, ...others } = reply as Record<string, unknown>;
  const lifetime = usableLifetime(expires_in);
  return Response.json({
    ...others,
    token_type: 'Bearer',
    ...(lifetime !== undefined && { expires_in: lifetime }),
    ...(typeof scope === 'string' && { scope }),
    ...(typeof refresh_token === 'string' && refresh_token !== '' && { refresh_token }),
    ...(readsIdToken && typeof id_token === 'string' && { id_token }),
  });
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
