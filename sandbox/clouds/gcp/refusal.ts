import type { Reply } from '../../core/cloud.ts';
import type { OAuthErrorCode } from '../../oauth/errors.ts';

/** An OAuth error reply (RFC 6749, 5.2); Google has codes of its own beside the standard's. */
export const refusal = (
  error: OAuthErrorCode | 'redirect_uri_mismatch' | 'invalid_token',
  description: string,
): Reply => ({
  status: 400,
  body: { error, error_description: description },
});
