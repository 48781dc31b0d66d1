import type { Reply } from '../core/cloud.ts';

export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'invalid_scope'
  | 'unsupported_token_type';

/** A refusal as RFC 6749, 5.2 words it: an answer, not an exception, because what led to it is state to be kept. */
export interface Refusal {
  readonly error: OAuthErrorCode;
  readonly description: string;
  /** What exactly was wrong, where a cloud has a code of its own for it. */
  readonly reason?: RefusalReason;
}

export type RefusalReason =
  | 'code_unknown'
  | 'code_used'
  | 'code_expired'
  | 'redirect_uri'
  | 'verifier'
  | 'token_unknown'
  | 'token_expired'
  | 'grant_revoked';

export const refuse = (error: OAuthErrorCode, description: string, reason?: RefusalReason): Refusal => ({
  error,
  description,
  ...(reason && { reason }),
});

export const isRefusal = (value: object): value is Refusal => 'error' in value;

export const refusalReply = ({ error, description }: Refusal): Reply => ({
  status: error === 'invalid_client' ? 401 : 400,
  body: { error, error_description: description },
});
