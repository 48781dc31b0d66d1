import { Value } from 'typebox/value';

import type { Problem } from '../../../contracts/problem.ts';
import type { CallFailure } from '../../http/call-error.ts';
import type { Classifier, Verdict } from '../../http/classify.ts';
import type { RegionManifest } from '../../manifests/types.ts';
import { ProviderError } from '../../provider.ts';
import { keyClassifier } from '../key-errors.ts';
import { ApiErrorSchema } from '../schema.ts';
import { ovhClassifier } from '../errors.ts';

/** Of making a service account. */
export type Step = 'owner' | 'account' | 'policy';

export function makingClassifier(step: Step, region: RegionManifest): Classifier {
  const keys = keyClassifier({ stage: 'first' }, region);
  return {
    ...keys,
    judge(failure) {
      if (failure.kind !== 'status' || failure.status < 400) return keys.judge(failure);
      const said = words(failure);
      if (step === 'policy') return { class: 'user', problem: policyFailed(said) };
      const verdict = keys.judge(failure);
      const isForbidden =
        verdict?.problem.code === 'call_not_granted' || verdict?.problem.code === 'permission_missing';
      return isForbidden ? { class: 'user', problem: mayNotMake(said) } : verdict;
    },
  };
}

/** OVHcloud's own words, with the actions that are missing where it names them. */
function words({ status, body }: Extract<CallFailure, { kind: 'status' }>): string {
  const { message, details } = Value.Check(ApiErrorSchema, body) ? body : {};
  const missing = details?.unauthorizedActionsByIAM;
  return `${message ?? `HTTP ${status}`}${missing === undefined ? '' : ` (${missing})`}`.slice(0, 300);
}

const policyFailed = (said: string): Problem => ({
  code: 'iam_policy_failed',
  message: `IAM policy creation error. OVHcloud says: "${said}". The service account was deleted again.`,
  remedy:
    'Check that the account may create IAM policies, that each project id is one of its projects, and that the endpoint (EU, US, CA) is theirs; then submit the keys again.',
});

const mayNotMake = (said: string): Problem => ({
  code: 'service_account_not_allowed',
  message: `These keys may not make a service account. OVHcloud says: "${said}".`,
  remedy:
    'Make a consumer key whose rules allow GET on /me, and GET, POST and DELETE on /me/api/oauth2/client* and on /v2/iam/policy*; or make the service account yourself and submit its client ID and secret.',
});

/** The same error, with what it leaves behind. */
export function undoFailed(error: ProviderError, name: string): ProviderError {
  const { problem, delivery, retryAfterSeconds } = error;
  const rest = `Whatever is called ${name} among the service accounts and IAM policies of the account can be deleted.`;
  return new ProviderError({
    class: error.class,
    problem: {
      ...problem,
      message: problem.message.replace(' The service account was deleted again.', ''),
      remedy: `${problem.remedy} ${rest}`,
    },
    delivery,
    retryAfterSeconds,
    cause: error,
  });
}

/** `new`: Mooring made it moments ago. `first`: nobody has seen it work. `again`: it has worked. */
export type AccountStage = 'new' | 'first' | 'again';

/** Answers to a service account: it is the customer's, so what OAuth calls the client's mistake is theirs to mend. */
export function accountClassifier(stage: AccountStage, region: RegionManifest): Classifier {
  const general = ovhClassifier('prove', region);
  return {
    ...general,
    judge(failure) {
      const own = failure.kind === 'oauth' ? judgeOAuth(failure, stage, region) : judgeProject(failure);
      const verdict = own ?? general.judge(failure);
      // What was made a moment ago is not yet known everywhere, nor is what it may do.
      const isEarly = stage === 'new' && (verdict?.class === 'user' || verdict?.class === 'revoked');
      return isEarly ? { class: 'transient', problem: notYetEffective(verdict.problem) } : verdict;
    },
  };
}

/** Projects are all that is asked for by a name that may not exist. */
function judgeProject(failure: CallFailure): Verdict | undefined {
  if (failure.kind !== 'status' || failure.status !== 404) return undefined;
  const { message = '' } = Value.Check(ApiErrorSchema, failure.body) ? failure.body : {};
  return /does not exist/.test(message) ? { class: 'user', problem: projectGone(message) } : undefined;
}

const projectGone = (said: string): Problem => ({
  code: 'project_not_found',
  message: `A project that the service account was made for is not there any more. OVHcloud says: "${said}".`,
  remedy: 'Re-authorise the connection with the projects that there are: POST /v1/connections/{id}/reauthorize.',
});

function judgeOAuth(
  { error, description }: Extract<CallFailure, { kind: 'oauth' }>,
  stage: AccountStage,
  { id }: RegionManifest,
): Verdict {
  const said = description === null ? error : `${error}: ${description}`;
  switch (error) {
    case 'invalid_client':
      return { class: stage === 'again' ? 'revoked' : 'user', problem: rejected(said, id) };
    case 'unauthorized_client':
    case 'unsupported_grant_type':
      return { class: 'user', problem: wrongFlow(said) };
    case 'server_error':
    case 'temporarily_unavailable':
      return { class: 'transient', problem: ownProblem(said) };
    default:
      return { class: 'user', problem: tokenRefused(said) };
  }
}

const rejected = (said: string, region: string): Problem => ({
  code: 'service_account_rejected',
  message: `OVHcloud does not accept the service account (${said}): it was deleted, its client secret is wrong, or it is not one of ${region}.`,
  remedy: 'Submit the client ID and client secret of a service account of this endpoint.',
});

const wrongFlow = (said: string): Problem => ({
  code: 'service_account_wrong_flow',
  message: `This OAuth2 client is no service account (${said}): its flow is not CLIENT_CREDENTIALS.`,
  remedy: 'Make one with POST /me/api/oauth2/client and flow CLIENT_CREDENTIALS, and submit its ID and secret.',
});

const tokenRefused = (said: string): Problem => ({
  code: 'service_account_refused',
  message: `OVHcloud gives this service account no token (${said}).`,
  remedy:
    'Check the service account in the OVHcloud control panel; if it persists, give OVHcloud support this message.',
});

const ownProblem = (said: string): Problem => ({
  code: 'cloud_unavailable',
  message: `OVHcloud has a problem of its own (${said}).`,
  remedy: 'Nothing to do: it is tried again by itself.',
});

const notYetEffective = ({ message }: Problem): Problem => ({
  code: 'service_account_not_effective',
  message: `The service account was made, and OVHcloud does not know all of it yet: ${message}`,
  remedy: 'Nothing to do: this takes up to a few minutes, and is tried again by itself.',
});
