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
}

export const refuse = (error: OAuthErrorCode, description: string): Refusal => ({ error, description });

export const isRefusal = (value: object): value is Refusal => 'error' in value;

export const refusalReply = ({ error, description }: Refusal): Reply => ({
  status: error === 'invalid_client' ? 401 : 400,
  body: { error, error_description: description },
});
