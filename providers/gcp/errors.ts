import { Value } from 'typebox/value';

import { plainText } from '../../contracts/plain-text.ts';
import type { CallFailure } from '../http/call-error.ts';
import type { Classifier, Verdict } from '../http/classify.ts';
import type { RegionSettings } from '../manifests/settings.ts';
import { oauthClassifier } from '../oauth/classifier.ts';
import { judgeAssertion, judgeOAuth } from './errors/oauth.ts';
import { noAccessToken, STATUS_PAGE } from './problems.ts';
import { ApiErrorSchema } from './schema.ts';
import type { ServiceAccountKey } from './service-account/key.ts';

/** `mint`: a key's assertion is exchanged for an access token. `prove`: an API is called with a token. */
export type Operation = 'exchange' | 'refresh' | 'revoke' | 'mint' | 'prove';

/** What an answer of Google's is about. */
export interface Situation {
  readonly operation: Operation;
  readonly region: RegionSettings;
  /** Where the exchange is for a code: the redirect URI that it names. */
  readonly redirectUri?: string;
  /** Absent where a person signed in. */
  readonly key?: ServiceAccountKey;
  /** True once the key has worked for this connection. */
  readonly hasWorked?: boolean;
}

/** Google's answers in our vocabulary; sources: its OAuth and API documents, RFC 6749 (5.2), users' reports. */
export function gcpClassifier(situation: Situation): Classifier {
  const { operation, region } = situation;
  return oauthClassifier({
    cloud: 'Google',
    statusPage: STATUS_PAGE,
    isExchange: operation === 'exchange',
    noAccessToken,
    roles: rolesOf(operation),
    region: region.manifest,
    judgeOAuth: (failure) =>
      operation === 'mint' ? judgeAssertion(failure, situation) : judgeOAuth(failure, operation, situation),
    judgeStatus: (failure) => (operation === 'prove' ? judgeApi(failure, situation) : undefined),
  });
}

/** The roles of the URLs that may be wrong. */
const rolesOf = (operation: Operation): readonly string[] =>
  operation === 'prove' ? ['userinfo', 'resourceManager'] : [operation === 'revoke' ? 'revoke' : 'token'];

/** A refusal of Google's APIs; https://cloud.google.com/apis/design/errors and google.api.ErrorReason. */
function judgeApi(
  { status, body }: Extract<CallFailure, { kind: 'status' }>,
  situation: Situation,
): Verdict | undefined {
  const { error } = Value.Check(ApiErrorSchema, body) ? body : { error: {} };
  const said = plainText(error.message ?? `HTTP ${status}`, 300);
  const info = error.details?.find(({ reason }) => reason !== undefined);
  if (status === 401) return rejected(said, situation);
  if (status !== 403) return undefined;
  switch (info?.reason) {
    case 'SERVICE_DISABLED':
      return apiDisabled(info.metadata ?? {}, situation);
    case 'ACCESS_TOKEN_SCOPE_INSUFFICIENT':
      return scopeMissing;
    case 'RATE_LIMIT_EXCEEDED':
      return { class: 'transient', problem: rateLimited };
    default:
      return { class: 'user', problem: permissionMissing(said) };
  }
}

function rejected(said: string, { key }: Situation): Verdict {
  // A key's token was issued a moment ago: what is said about it says nothing about the key.
  return key
    ? {
        class: 'transient',
        problem: {
          code: 'token_not_usable_yet',
          message: `Google issued an access token, but does not accept it everywhere yet: "${said}".`,
          remedy: 'Nothing to do: it is tried again by itself.',
        },
      }
    : {
        class: 'revoked',
        problem: {
          code: 'credential_rejected',
          message: `Google does not accept the credential: "${said}". The access was withdrawn in the Google account, or it has expired.`,
          remedy: 'Re-authorise the connection: POST /v1/connections/{id}/reauthorize, then open the new link.',
        },
      };
}

/** The API is looked for in the project of the key; for a person who signed in, in the one of our own OAuth client. */
function apiDisabled(
  metadata: { readonly service?: string; readonly consumer?: string },
  { key, region }: Situation,
): Verdict {
  const named = (value: string | undefined, pattern: RegExp) => pattern.exec(value ?? '')?.[1];
  const service = named(metadata.service, /^([\w.-]{1,100})$/) ?? 'cloudresourcemanager.googleapis.com';
  const project = named(metadata.consumer, /^projects\/([\w:.-]{1,100})$/);
  const where = project === undefined ? '' : ` --project=${project}`;
  const whose = key ? "the service account's project" : "the project of Mooring's OAuth client";
  return {
    class: key ? 'transient' : 'config',
    problem: {
      code: 'api_not_enabled',
      message: `The API ${service} is not enabled in ${whose}${project === undefined ? '' : ` (${project})`}.`,
      remedy: `Enable it at the link, or with: gcloud services enable ${service}${where}. That takes some minutes to be known everywhere; it is tried again by itself.`,
      link: `${region.values['consoleUrl'] ?? ''}/apis/library/${service}${project === undefined ? '' : `?project=${project}`}`,
    },
  };
}

const scopeMissing: Verdict = {
  class: 'user',
  problem: {
    code: 'scope_not_granted',
    message: 'The sign-in did not include access to Google Cloud: its box on the consent page was not ticked.',
    remedy: 'Open the invitation again, sign in, and tick the access to your Google Cloud data.',
  },
};

const rateLimited = {
  code: 'cloud_rate_limited',
  message: 'Google asks for fewer requests (RATE_LIMIT_EXCEEDED).',
  remedy: 'Nothing to do: it is tried again by itself.',
};

const permissionMissing = (said: string) => ({
  code: 'permission_missing',
  message: `Google refused the call: "${said}".`,
  remedy:
    'Grant the role Viewer (roles/viewer), and ask whether a policy of the organisation forbids it; then try again.',
});
