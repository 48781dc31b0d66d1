import { Value } from 'typebox/value';

import type { Problem } from '../../../workflows/contracts/problem.ts';
import type { CallFailure } from '../call-error.ts';
import type { Classifier, Verdict } from '../classify.ts';
import type { RegionManifest } from '../manifest-types.ts';
import { judgeOAuth } from './oauth-errors.ts';
import { ApiErrorSchema } from './schema.ts';

export type Operation = 'exchange' | 'refresh' | 'revoke' | 'prove';

const STATUS_PAGE = 'https://www.status-ovhcloud.com';

/** OVHcloud's answers in our vocabulary; sources: its API error bodies, RFC 6749 (5.2), users' reports. */
export function ovhClassifier(operation: Operation, region: RegionManifest): Classifier {
  return {
    cloud: 'OVHcloud',
    statusPage: STATUS_PAGE,
    judge(failure) {
      switch (failure.kind) {
        case 'insecure_url':
          return { class: 'config', problem: insecureUrl(failure.url) };
        case 'no_access_token':
          // The code is used up, so the person must come again; a refresh is simply tried again.
          return { class: operation === 'exchange' ? 'user' : 'transient', problem: noAccessToken };
        case 'oauth':
          return judgeOAuth(failure, operation, region);
        case 'status':
          return judgeStatus(failure, operation, region);
      }
    },
  };
}

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

function judgeStatus(
  { status, body }: Extract<CallFailure, { kind: 'status' }>,
  operation: Operation,
  region: RegionManifest,
): Verdict | undefined {
  if (status === 404 || status === 405 || status === 410) {
    return { class: 'config', problem: wrongUrl(status, operation, region) };
  }
  if (operation !== 'prove' || (status !== 401 && status !== 403)) return undefined;
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

const insecureUrl = (url: string): Problem => ({
  code: 'insecure_url',
  message: `Credentials are sent over https only, and ${url} is not.`,
  remedy: 'Configure an https URL; http is accepted for addresses of this machine alone.',
});

function wrongUrl(status: number, operation: Operation, { urls }: RegionManifest): Problem {
  const role = operation === 'prove' ? 'api' : operation === 'revoke' ? 'revoke' : 'token';
  return {
    code: 'endpoint_not_found',
    message: `There is no OVHcloud ${role} endpoint at the configured URL (HTTP ${status}).`,
    remedy: `Unset or correct ${urls[role]?.variable ?? 'the configured URL'}.`,
  };
}
