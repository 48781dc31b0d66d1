import { Value } from 'typebox/value';

import type { Problem } from '../../contracts/problem.ts';
import type { CallFailure } from '../http/call-error.ts';
import type { Classifier, Verdict } from '../http/classify.ts';
import type { RegionManifest } from '../manifests/types.ts';
import { oauthClassifier } from '../oauth/classifier.ts';
import { judgeOAuth } from './oauth-errors.ts';
import { ApiErrorSchema } from './schema.ts';

export type Operation = 'exchange' | 'refresh' | 'revoke' | 'prove';

const STATUS_PAGE = 'https://www.status-ovhcloud.com';

/** OVHcloud's answers in our vocabulary; sources: its API error bodies, RFC 6749 (5.2), users' reports. */
export const ovhClassifier = (operation: Operation, region: RegionManifest): Classifier =>
  oauthClassifier({
    cloud: 'OVHcloud',
    statusPage: STATUS_PAGE,
    isExchange: operation === 'exchange',
    noAccessToken,
    wrongUrl: (status) => wrongUrl(status, operation, region),
    judgeOAuth: (failure) => judgeOAuth(failure, operation, region),
    judgeStatus: (failure) => (operation === 'prove' ? judgeApi(failure) : undefined),
  });

export const noAccessToken: Problem = {
  code: 'no_access_token',
  message: 'No access_token received from OVH.',
  remedy: `Sign in again. If it happens each time: check ${STATUS_PAGE}, the client ID and secret, and that the application has the AUTHORIZATION_CODE flow.`,
};

/** A warning, not an error: the connection works until its access token expires. */
export const noRefreshTokenWarning: Problem = {
  code: 'no_refresh_token',
  message: 'No refresh token received - user may need to re-authorize after expiration',
  remedy: 'Re-authorise when the connection asks for it. For automation, use the client credentials method instead.',
};

export const unknownRegion = (given: string, known: readonly string[]): Problem => ({
  code: 'unknown_region',
  message: `Invalid endpoint '${given}'. Must be one of: ${known.join(', ')}`,
  remedy: 'Create the connection again with one of these endpoints.',
});

function judgeApi({ status, body }: Extract<CallFailure, { kind: 'status' }>): Verdict | undefined {
  if (status !== 401 && status !== 403) return undefined;
  const error = Value.Check(ApiErrorSchema, body) ? body : {};
  const said = error.message ?? `HTTP ${status}`;
  if (status === 401 || /credential (is not valid|does not exist)/.test(said)) {
    return { class: 'revoked', problem: credentialRejected(said) };
  }
  const { unauthorizedActionsByIAM, unauthorizedActionsByAuthentication } = error.details ?? {};
  const missing = [unauthorizedActionsByIAM, unauthorizedActionsByAuthentication].filter(Boolean).join(', ');
  return { class: 'user', problem: permissionMissing(said, missing) };
}

const credentialRejected = (said: string): Problem => ({
  code: 'credential_rejected',
  message: `OVHcloud does not accept the credential: "${said}". It was withdrawn in the OVHcloud control panel, or it has expired.`,
  remedy: 'Re-authorise the connection: POST /v1/connections/{id}/reauthorize, then open the new link.',
});

const permissionMissing = (said: string, missing: string): Problem => ({
  code: 'permission_missing',
  message: `OVHcloud refused the call: "${said}".${missing && ` Missing IAM permissions: ${missing}.`}`,
  remedy: missing
    ? 'Allow these actions to the identity in an OVHcloud IAM policy; it is tried again after that.'
    : 'Sign in with an account or user that may use the API.',
});

function wrongUrl(status: number, operation: Operation, { urls }: RegionManifest): Problem {
  const role = operation === 'prove' ? 'api' : operation === 'revoke' ? 'revoke' : 'token';
  return {
    code: 'endpoint_not_found',
    message: `There is no OVHcloud ${role} endpoint at the configured URL (HTTP ${status}).`,
    remedy: `Unset or correct ${urls[role]?.variable ?? 'the configured URL'}.`,
  };
}
