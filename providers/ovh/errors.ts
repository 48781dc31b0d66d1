import { Value } from 'typebox/value';

import { plainText } from '../../contracts/plain-text.ts';
import type { CallFailure } from '../http/call-error.ts';
import type { Classifier, Verdict } from '../http/classify.ts';
import type { RegionManifest } from '../manifests/types.ts';
import {
  codeUsed,
  oauthClassifier,
  oauthVerdict,
  ownProblem,
  titles,
  type OAuthError,
  type Reading,
} from '../oauth/classifier.ts';
import {
  callNotGranted,
  consumerKeyNotApproved,
  consumerKeyUnapproved,
  credentialRejected,
  invalidCredential,
  invalidKey,
  invalidSignature,
  noAccessToken,
  permissionMissing,
  queryOutOfTime,
  STATUS_PAGE,
} from './problems.ts';
import { ApiErrorSchema } from './schema.ts';

const LONGEST_QUOTE = 300;

export type Operation = 'exchange' | 'refresh' | 'revoke' | 'prove';

/** What an answer is about. */
export interface Situation {
  readonly operation: Operation;
  readonly region: RegionManifest;
}

/** OVHcloud's answers in our vocabulary; sources: its API error bodies, RFC 6749 (5.2), users' reports. */
export const ovhClassifier = ({ operation, region }: Situation): Classifier =>
  oauthClassifier({
    cloud: 'OVHcloud',
    statusPage: STATUS_PAGE,
    isExchange: operation === 'exchange',
    noAccessToken,
    roles: [roleOf(operation)],
    region,
    judgeOAuth: (failure) => judgeOAuth(failure, operation, region),
    judgeStatus: (failure) => (operation === 'prove' ? judgeApi(failure) : undefined),
  });

/** The role of the URL that is called. */
const roleOf = (operation: Operation): string =>
  operation === 'prove' ? 'api' : operation === 'revoke' ? 'revoke' : 'token';

function judgeApi({ status, body }: Extract<CallFailure, { kind: 'status' }>): Verdict | undefined {
  if (status !== 401 && status !== 403) return undefined;
  const error = Value.Check(ApiErrorSchema, body) ? body : {};
  const said = plainText(error.message ?? `HTTP ${status}`, LONGEST_QUOTE);
  if (status === 401 || /credential (is not valid|does not exist)/.test(said)) {
    return { class: 'revoked', problem: credentialRejected(said) };
  }
  const { unauthorizedActionsByIAM, unauthorizedActionsByAuthentication } = error.details ?? {};
  const missing = [unauthorizedActionsByIAM, unauthorizedActionsByAuthentication].filter(Boolean).join(', ');
  return { class: 'user', problem: permissionMissing(said, missing) };
}

/** An OAuth error reply (RFC 6749, 5.2), with its cause at OVHcloud and what to do about it. */
function judgeOAuth({ error, description }: OAuthError, operation: Operation, region: RegionManifest): Verdict {
  const title = operation === 'prove' ? titles.call : titles[operation];
  const quote = description === null ? '' : ` OVHcloud says: "${description}".`;
  return oauthVerdict(read(error, operation, region), { error, title, quote });
}

function read(error: string, operation: Operation, region: RegionManifest): Reading {
  const variable = (role: string) => region.settings[role]?.names[0] ?? role;
  switch (error) {
    case 'invalid_grant':
      return operation === 'exchange' ? usedCode(variable('redirectUri')) : withdrawnGrant;
    case 'invalid_client':
      return {
        class: 'config',
        cause: `OVHcloud does not know the OAuth2 application of ${region.id}, or its secret is wrong.`,
        remedy: `Compare ${variable('clientId')} and ${variable('clientSecret')} with the application at ${region.id}: each region has an application of its own.`,
      };
    case 'unauthorized_client':
    case 'unsupported_grant_type':
      return {
        class: 'config',
        cause: `The OAuth2 application of ${region.id} is not of the AUTHORIZATION_CODE flow.`,
        remedy: `Make one with POST /me/api/oauth2/client and flow AUTHORIZATION_CODE, and set ${variable('clientId')} and ${variable('clientSecret')}.`,
      };
    case 'invalid_scope':
      return {
        class: 'config',
        cause: 'OVHcloud does not give the application the scope "all".',
        remedy: `Check the OAuth2 application of ${region.id}.`,
      };
    case 'invalid_callback':
      return {
        class: 'user',
        cause: 'The answer that the browser brought is not from the OVHcloud region that it was sent to.',
        remedy: 'Open the invitation link again and sign in once more.',
      };
    case 'server_error':
    case 'temporarily_unavailable':
      return ownProblem('OVHcloud');
    default:
      // The callback takes codes from the internet: an unknown error must not look like an operator's mistake.
      return {
        class: 'user',
        cause: 'OVHcloud refused the request.',
        remedy: 'Sign in again; if it persists, give OVHcloud support this message.',
      };
  }
}

const usedCode = (redirectVariable: string): Reading =>
  codeUsed(
    `Open the invitation link again and sign in once more. If it fails each time, compare ${redirectVariable} with the callback URL of the application: to the letter, trailing slash included.`,
  );

const withdrawnGrant: Reading = {
  class: 'revoked',
  cause: 'The access was withdrawn in the OVHcloud control panel, or the refresh token has expired.',
  remedy: 'Re-authorise the connection: POST /v1/connections/{id}/reauthorize, then open the new link.',
};

/**
 * `first`: these keys have not worked yet. `again`: they have worked. `waiting`: a consumer key that was asked for,
 * until it is approved or given up.
 */
export type KeyStage =
  | { readonly stage: 'first' | 'again' }
  | { readonly stage: 'waiting'; readonly validationUrl: string; readonly isOverdue: boolean };

/** Answers to signed requests; codes and sentences are those of OVHcloud's API gateway. */
export function keyClassifier(stage: KeyStage, region: RegionManifest): Classifier {
  const general = ovhClassifier({ operation: 'prove', region });
  return {
    ...general,
    judge: (failure) => (failure.kind === 'status' ? judgeSigned(failure, stage) : undefined) ?? general.judge(failure),
  };
}

function judgeSigned({ body }: Extract<CallFailure, { kind: 'status' }>, stage: KeyStage): Verdict | undefined {
  const { errorCode = '', message = '' } = Value.Check(ApiErrorSchema, body) ? body : {};
  const said = plainText(message, LONGEST_QUOTE);
  switch (errorCode) {
    case 'INVALID_CREDENTIAL':
      if (stage.stage === 'waiting' && !stage.isOverdue) {
        return { class: 'transient', problem: consumerKeyUnapproved(stage.validationUrl) };
      }
      return {
        class: refused(stage),
        problem: stage.stage === 'waiting' ? consumerKeyNotApproved : invalidCredential(said),
      };
    case 'NOT_CREDENTIAL':
      return {
        class: refused(stage),
        problem: stage.stage === 'waiting' ? consumerKeyNotApproved : invalidCredential(said),
      };
    case 'INVALID_KEY':
      return { class: refused(stage), problem: invalidKey(said) };
    case 'INVALID_SIGNATURE':
      return { class: refused(stage), problem: invalidSignature(said) };
    case 'NOT_GRANTED_CALL':
      return { class: 'user', problem: callNotGranted(said) };
    case 'QUERY_TIME_OUT':
      return { class: 'transient', problem: queryOutOfTime(said) };
    default:
      return undefined;
  }
}

/** Keys that have worked and do so no more were withdrawn. */
const refused = ({ stage }: KeyStage): Verdict['class'] => (stage === 'again' ? 'revoked' : 'user');
