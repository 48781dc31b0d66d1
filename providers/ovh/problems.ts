import type { Problem } from '../../contracts/problem.ts';
import type { RegionManifest } from '../manifests/types.ts';

export const STATUS_PAGE = 'https://www.status-ovhcloud.com';

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

export const credentialRejected = (said: string): Problem => ({
  code: 'credential_rejected',
  message: `OVHcloud does not accept the credential: "${said}". It was withdrawn in the OVHcloud control panel, or it has expired.`,
  remedy: 'Re-authorise the connection: POST /v1/connections/{id}/reauthorize, then open the new link.',
});

export const permissionMissing = (said: string, missing: string): Problem => ({
  code: 'permission_missing',
  message: `OVHcloud refused the call: "${said}".${missing && ` Missing IAM permissions: ${missing}.`}`,
  remedy: missing
    ? 'Allow these actions to the identity in an OVHcloud IAM policy, then do this step again. The next discovery looks again by itself.'
    : 'Sign in with an account or user that may use the API.',
});

export const apiUrlInvalid = (given: string, { id, urls }: RegionManifest): Problem => ({
  code: 'endpoint_invalid',
  message: `The API address of ${id} is "${given}": it must be an https URL that ends in /1.0.`,
  remedy: `Unset or correct ${urls['api']?.variable ?? 'the configured URL'}, and restart Mooring.`,
});

export const incomplete = (what: string): Problem => ({
  code: 'submission_incomplete',
  message: `The submission lacks ${what}.`,
  remedy: 'Fill in the form again, with all that it asks for.',
});

const quoted = (said: string): string => (said === '' ? '' : ` OVHcloud says: "${said}".`);

export const invalidCredential = (said: string): Problem => ({
  code: 'invalid_credential',
  message: `Invalid credentials. Please check your consumer key and permissions.${quoted(said)}`,
  remedy:
    'Check that application key, application secret and consumer key belong together and to this endpoint, that the consumer key was approved by its validation link, and that it has not expired; then submit them again.',
});

export const invalidKey = (said: string): Problem => ({
  code: 'invalid_key',
  message: `Invalid application key. Please check your application key.${quoted(said)}`,
  remedy: 'Copy it again from the page that it was made on; each endpoint (EU, US, CA) has keys of its own.',
});

export const invalidSignature = (said: string): Problem => ({
  code: 'invalid_signature',
  message: `OVHcloud does not accept the signature${said === '' ? '' : `: "${said}"`}. The application secret is not the one of this application key.`,
  remedy: 'Submit the application key, its secret and the consumer key again; all three belong together.',
});

export const callNotGranted = (said: string): Problem => ({
  code: 'call_not_granted',
  message: `OVHcloud refused the call: "${said}". The access rules of the consumer key do not cover it.`,
  remedy: 'Make a consumer key whose rules allow GET on /* (GET on /me at least), and submit it.',
});

export const queryOutOfTime = (said: string): Problem => ({
  code: 'query_out_of_time',
  message: `OVHcloud got the signed request too late${said === '' ? '' : `: "${said}"`}.`,
  remedy: 'It is tried again by itself. If it persists, check the network between Mooring and OVHcloud.',
});

export const consumerKeyUnapproved = (link: string): Problem => ({
  code: 'consumer_key_unapproved',
  message: 'The consumer key waits for you to approve it at OVHcloud.',
  remedy:
    'Open the link, sign in with the account to connect, and approve; Mooring goes on by itself. If you refused there, submit the form again: that asks for a new key.',
  link,
});

export const consumerKeyNotApproved: Problem = {
  code: 'consumer_key_not_approved',
  message: 'The consumer key was refused at OVHcloud, or it was not approved within a day.',
  remedy: 'Submit the application key and its secret again: that asks for a new consumer key, and gives a new link.',
};

/** A warning, not an error: OVHcloud prolongs no key. */
export const keyEnds = (at: string): Problem => ({
  code: 'consumer_key_ends',
  message: `OVHcloud ends this consumer key at ${at}.`,
  remedy: 'Make keys of unlimited validity, and re-authorise the connection with them before that.',
});

export const projectInvalid = (given: string) => ({
  code: 'project_invalid',
  message: `"${given.slice(0, 80)}" is not the id of a Public Cloud project.`,
  remedy: 'Give the ids as the OVHcloud control panel shows them, 32 hexadecimal digits each, separated by commas.',
});

export const iamPolicyFailed = (said: string): Problem => ({
  code: 'iam_policy_failed',
  message: `IAM policy creation error. OVHcloud says: "${said}". The service account was deleted again.`,
  remedy:
    'Check that the account may create IAM policies, that each project id is one of its projects, and that the endpoint (EU, US, CA) is theirs; then submit the keys again.',
});

export const serviceAccountNotAllowed = (said: string): Problem => ({
  code: 'service_account_not_allowed',
  message: `These keys may not make a service account. OVHcloud says: "${said}".`,
  remedy:
    'Make a consumer key whose rules allow GET on /me, and GET, POST and DELETE on /me/api/oauth2/client* and on /v2/iam/policy*; or make the service account yourself and submit its client ID and secret.',
});

export const projectNotFound = (said: string): Problem => ({
  code: 'project_not_found',
  message: `A project that the service account was made for is not there any more. OVHcloud says: "${said}".`,
  remedy: 'Re-authorise the connection with the projects that there are: POST /v1/connections/{id}/reauthorize.',
});

export const serviceAccountRejected = (said: string, region: string): Problem => ({
  code: 'service_account_rejected',
  message: `OVHcloud does not accept the service account (${said}): it was deleted, its client secret is wrong, or it is not one of ${region}.`,
  remedy: 'Submit the client ID and client secret of a service account of this endpoint.',
});

export const serviceAccountWrongFlow = (said: string): Problem => ({
  code: 'service_account_wrong_flow',
  message: `This OAuth2 client is no service account (${said}): its flow is not CLIENT_CREDENTIALS.`,
  remedy: 'Make one with POST /me/api/oauth2/client and flow CLIENT_CREDENTIALS, and submit its ID and secret.',
});

export const serviceAccountRefused = (said: string): Problem => ({
  code: 'service_account_refused',
  message: `OVHcloud gives this service account no token (${said}).`,
  remedy:
    'Check the service account in the OVHcloud control panel; if it persists, give OVHcloud support this message.',
});

export const cloudProblem = (said: string): Problem => ({
  code: 'cloud_unavailable',
  message: `OVHcloud has a problem of its own (${said}).`,
  remedy: 'Nothing to do: it is tried again by itself.',
});

export const serviceAccountNotEffective = ({ message }: Problem): Problem => ({
  code: 'service_account_not_effective',
  message: `The service account was made, and OVHcloud does not know all of it yet: ${message}`,
  remedy: 'Nothing to do: this takes up to a few minutes, and is tried again by itself.',
});
