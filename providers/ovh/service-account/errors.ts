import { Value } from 'typebox/value';

import type { Problem } from '../../../contracts/problem.ts';
import type { CallFailure } from '../../http/call-error.ts';
import type { Classifier } from '../../http/classify.ts';
import type { RegionManifest } from '../../manifests/types.ts';
import { ProviderError } from '../../provider.ts';
import { keyClassifier } from '../key-errors.ts';
import { ApiErrorSchema } from '../schema.ts';

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
