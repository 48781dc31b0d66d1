import type { Problem } from '../../contracts/problem.ts';
import type { Classifier } from '../http/classify.ts';
import { oauthClassifier } from '../oauth/classifier.ts';
import type { RegionSettings } from '../manifests/settings.ts';
import { judgeApi } from './api-errors.ts';
import { judgeAssertion } from './assertion-errors.ts';
import { judgeOAuth } from './oauth-errors.ts';
import type { ServiceAccountKey } from './service-account-key.ts';

/** `mint`: a key's assertion is exchanged for an access token. `look`: an API is asked with a token. */
export type Operation = 'exchange' | 'refresh' | 'revoke' | 'mint' | 'look';

/** What an answer of Google's is about. */
export interface Circumstances {
  readonly operation: Operation;
  readonly region: RegionSettings;
  /** Where the exchange is for a code: the redirect URI that it names. */
  readonly redirectUri?: string;
  /** Absent where a person signed in. */
  readonly key?: ServiceAccountKey;
  /** True once the key has worked for this connection. */
  readonly hasWorked?: boolean;
}

const STATUS_PAGE = 'https://status.cloud.google.com';

/** Google's answers in our vocabulary; sources: its OAuth and API documents, RFC 6749 (5.2), users' reports. */
export function googleClassifier(circumstances: Circumstances): Classifier {
  const { operation, region } = circumstances;
  return oauthClassifier({
    cloud: 'Google',
    statusPage: STATUS_PAGE,
    isExchange: operation === 'exchange',
    noAccessToken,
    wrongUrl: (status) => wrongUrl(status, operation, region),
    judgeOAuth: (failure) =>
      operation === 'mint' ? judgeAssertion(failure, circumstances) : judgeOAuth(failure, operation, circumstances),
    judgeStatus: (failure) => (operation === 'look' ? judgeApi(failure, circumstances) : undefined),
  });
}

const noAccessToken: Problem = {
  code: 'no_access_token',
  message: 'No access_token received from Google.',
  remedy: `Sign in again. If it happens each time, check ${STATUS_PAGE} and the OAuth client's type: web application.`,
};

/** A warning, not an error: the connection works until its access token expires. */
export const noRefreshTokenWarning: Problem = {
  code: 'no_refresh_token',
  message: 'No refresh token received - user may need to re-authorize after expiration',
  remedy:
    'Google sends one only when it shows its consent page. Re-authorise the connection, and approve on every page of ' +
    'Google. For automation, use a service account instead.',
};

/** A warning of the same kind: Google says at the sign-in when it will end the access. */
export const accessEnds = (endsAt: Date): Problem => ({
  code: 'access_ends',
  message: `Google ends this access on ${endsAt.toISOString().slice(0, 16).replace('T', ' ')} UTC: the OAuth consent screen is in Testing (7 days), or access was granted for a limited time.`,
  remedy:
    'The operator sets the publishing status to "In production" (Google Auth Platform, Audience); then re-authorise the connection before that time.',
});

export const unknownRegion = (given: string, known: readonly string[]): Problem => ({
  code: 'unknown_region',
  message: `Invalid region '${given}'. Must be one of: ${known.join(', ')}`,
  remedy: 'Create the connection again with one of these regions.',
});

/** "Not yet" and "never" look alike: a new role takes minutes to be known everywhere. */
export function noProjects(who: string, key: ServiceAccountKey | undefined, { values }: RegionSettings): Problem {
  const project = key?.projectId ?? 'PROJECT_ID';
  const member = `${key ? 'serviceAccount' : 'user'}:${who}`;
  return {
    code: 'no_projects',
    message: `${who} can see no active Google Cloud project. If a role was granted just now, that takes up to some minutes.`,
    remedy:
      `Grant the role Viewer (roles/viewer) on the project: gcloud projects add-iam-policy-binding ${project} ` +
      `--member="${member}" --role=roles/viewer. It is tried again by itself.` +
      (key ? '' : ' If another account was meant, open the invitation again and sign in with that one.'),
    link: `${values['consoleUrl'] ?? ''}/iam-admin/iam${key?.projectId ? `?project=${key.projectId}` : ''}`,
  };
}

function wrongUrl(status: number, operation: Operation, { manifest: { urls } }: RegionSettings): Problem {
  const roles = operation === 'look' ? ['userinfo', 'resourceManager'] : [operation === 'revoke' ? 'revoke' : 'token'];
  const variables = roles.map((role) => urls[role]?.variable ?? role).join(' and ');
  return {
    code: 'endpoint_not_found',
    message: `There is no endpoint of Google's at the configured URL (HTTP ${status}).`,
    remedy: `Unset or correct ${variables}.`,
  };
}
