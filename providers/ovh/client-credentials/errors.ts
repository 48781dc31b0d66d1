import { Value } from 'typebox/value';

import { plainText } from '../../../contracts/plain-text.ts';
import type { CallFailure } from '../../http/call-error.ts';
import type { Classifier, Verdict } from '../../http/classify.ts';
import type { RegionManifest } from '../../manifests/types.ts';
import { ProviderError } from '../../provider.ts';
import { keyClassifier, ovhClassifier } from '../errors.ts';
import {
  cloudProblem,
  iamPolicyFailed,
  projectNotFound,
  serviceAccountNotAllowed,
  serviceAccountNotEffective,
  serviceAccountRefused,
  serviceAccountRejected,
  serviceAccountWrongFlow,
} from '../problems.ts';
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
      if (step === 'policy') return { class: 'user', problem: iamPolicyFailed(said) };
      const verdict = keys.judge(failure);
      const isForbidden =
        verdict?.problem.code === 'call_not_granted' || verdict?.problem.code === 'permission_missing';
      return isForbidden ? { class: 'user', problem: serviceAccountNotAllowed(said) } : verdict;
    },
  };
}

/** OVHcloud's own words, with the actions that are missing where it names them. */
function words({ status, body }: Extract<CallFailure, { kind: 'status' }>): string {
  const { message, details } = Value.Check(ApiErrorSchema, body) ? body : {};
  const missing = details?.unauthorizedActionsByIAM;
  return plainText(`${message ?? `HTTP ${status}`}${missing === undefined ? '' : ` (${missing})`}`, 300);
}

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

/** `new`: Mooring made it moments ago. `first`: it has not worked yet. `again`: it has worked. */
export type AccountStage = 'new' | 'first' | 'again';

/** Answers to a service account: it is the customer's, so what OAuth calls the client's mistake is theirs to put right. */
export function accountClassifier(stage: AccountStage, region: RegionManifest): Classifier {
  const general = ovhClassifier({ operation: 'prove', region });
  return {
    ...general,
    judge(failure) {
      const own = failure.kind === 'oauth' ? judgeToken(failure, stage, region) : judgeProject(failure);
      const verdict = own ?? general.judge(failure);
      // What was made a moment ago is not yet known everywhere, nor is what it may do.
      const isEarly = stage === 'new' && (verdict?.class === 'user' || verdict?.class === 'revoked');
      return isEarly ? { class: 'transient', problem: serviceAccountNotEffective(verdict.problem) } : verdict;
    },
  };
}

/** Only projects are asked for by an id that may not exist. */
function judgeProject(failure: CallFailure): Verdict | undefined {
  if (failure.kind !== 'status' || failure.status !== 404) return undefined;
  const { message = '' } = Value.Check(ApiErrorSchema, failure.body) ? failure.body : {};
  return /does not exist/.test(message) ? { class: 'user', problem: projectNotFound(message) } : undefined;
}

function judgeToken(
  { error, description }: Extract<CallFailure, { kind: 'oauth' }>,
  stage: AccountStage,
  { id }: RegionManifest,
): Verdict {
  const said = description === null ? error : `${error}: ${description}`;
  switch (error) {
    case 'invalid_client':
      return { class: stage === 'again' ? 'revoked' : 'user', problem: serviceAccountRejected(said, id) };
    case 'unauthorized_client':
    case 'unsupported_grant_type':
      return { class: 'user', problem: serviceAccountWrongFlow(said) };
    case 'server_error':
    case 'temporarily_unavailable':
      return { class: 'transient', problem: cloudProblem(said) };
    default:
      return { class: 'user', problem: serviceAccountRefused(said) };
  }
}
