import { Value } from 'typebox/value';

import { CallError, type CallFailure } from '../../http/call-error.ts';
import { classify, type Classifier, type Verdict } from '../../http/classify.ts';
import type { Loss } from '../../listing/lister.ts';
import type { RegionManifest } from '../../manifests/types.ts';
import type { ProviderError } from '../../provider.ts';
import { ovhClassifier } from '../errors.ts';
import { ApiErrorSchema } from '../schema.ts';

/** The API's answers to a list, whether the program asked or we did. */
export function listingError(error: unknown, region: RegionManifest): ProviderError {
  return classify(error, listingClassifier(region));
}

export const failureError = (failure: CallFailure, region: RegionManifest): ProviderError =>
  listingError(new CallError(failure), region);

export const lossOf = (path: string, error: ProviderError): Loss => ({
  path,
  class: error.class,
  problem: error.problem,
});

function listingClassifier(region: RegionManifest): Classifier {
  const general = ovhClassifier({ operation: 'prove', region });
  return {
    ...general,
    judge: (failure) => {
      if (failure.kind === 'oauth') return clientRefused(failure.error, failure.description);
      return (failure.kind === 'status' ? judgeStatus(failure) : undefined) ?? general.judge(failure);
    },
  };
}

function judgeStatus({ status, body }: Extract<CallFailure, { kind: 'status' }>): Verdict | undefined {
  const { message = '', details } = Value.Check(ApiErrorSchema, body) ? body : {};
  if (status === 404 && /does not exist/.test(message)) return notFound(message);
  if (status === 400 && message === 'Invalid signature') return invalidSignature;
  // Without the actions that are missing it is the credential itself that is refused, by the rules it was made with:
  // a new token may not have them, so it is worth one refresh before a person is asked.
  if (status === 403 && details === undefined) return notGranted(message || 'HTTP 403');
  return undefined;
}

const notFound = (said: string): Verdict => ({
  class: 'user',
  problem: {
    code: 'resource_not_found',
    message: `OVHcloud does not know what was asked for: "${said}".`,
    remedy: 'If the project was deleted or moved to another account, the next discovery leaves it out by itself.',
  },
});

const invalidSignature: Verdict = {
  class: 'user',
  problem: {
    code: 'credential_rejected',
    message:
      'OVHcloud does not accept the signature of the call: "Invalid signature". The application secret is wrong.',
    remedy: 'Submit the application key, its secret and the consumer key again; all three belong together.',
  },
};

const notGranted = (said: string): Verdict => ({
  class: 'revoked',
  problem: {
    code: 'credential_rejected',
    message: `OVHcloud refused the call: "${said}". The access rules of the credential do not cover it.`,
    remedy: 'Make a credential whose rules allow GET on /*, and re-authorise the connection with it.',
  },
});

const clientRefused = (error: string, description: string | null): Verdict => ({
  class: 'user',
  problem: {
    code: 'credential_rejected',
    message: `OVHcloud does not accept the service account: ${error}${description === null ? '' : ` ("${description}")`}.`,
    remedy: 'Submit the client ID and client secret of the service account again.',
  },
});
