import { Value } from 'typebox/value';

import { plainText } from '../../../contracts/plain-text.ts';
import { CallError, type CallFailure } from '../../http/call-error.ts';
import type { Classifier, Verdict } from '../../http/classify.ts';
import type { ListFailure, Loss } from '../../listing/lister.ts';
import type { RegionManifest } from '../../manifests/types.ts';
import type { ProviderError } from '../../provider.ts';
import { azureClassifier } from '../errors.ts';
import * as problem from './problems.ts';
import type { Grantee } from './problems.ts';
import { ArmListErrorSchema } from './schema.ts';

/** What Azure answers to a list, in our vocabulary. Only a token that is refused ends the credential. */
export function listingClassifier(region: RegionManifest, grantee: Grantee): Classifier {
  // A call with a token is judged the same whether the application is ours or the customer's.
  const general = azureClassifier({ operation: 'prove', application: 'theirs', isNew: false, region });
  return {
    ...general,
    judge: (failure) => (failure.kind === 'status' ? judge(failure, grantee) : undefined) ?? general.judge(failure),
  };
}

function judge(failure: Extract<CallFailure, { kind: 'status' }>, grantee: Grantee): Verdict | undefined {
  const error = armError(failure);
  // A page of a firewall in between is not Azure's verdict.
  if (!error) return undefined;
  const said = plainText(error.message ? `${error.code}: ${error.message}` : error.code, 500);
  switch (failure.status) {
    case 401:
      // The token is good, but of another directory than the one that the subscription has moved to.
      return error.code === 'InvalidAuthenticationTokenTenant'
        ? { class: 'user', problem: problem.subscriptionElsewhere(said) }
        : undefined;
    case 403:
      return { class: 'user', problem: problem.listDenied(said, grantee) };
    case 404:
    case 410:
      return { class: 'user', problem: problem.notFound(said) };
    case 400:
    case 409:
      return { class: 'config', problem: problem.requestRefused(said) };
    default:
      return undefined;
  }
}

interface ArmError {
  readonly code: string;
  readonly message: string | undefined;
}

/** Resource Graph says the cause in the details alone. */
function armError({ body }: Extract<CallFailure, { kind: 'status' }>): ArmError | undefined {
  if (!Value.Check(ArmListErrorSchema, body)) return undefined;
  const { code, message, details } = body.error;
  return { code, message: details?.[0]?.message ?? message };
}

/** Azure's own code for what it refused, e.g. `SubscriptionNotFound`; undefined where it gave none. */
export function armCodeOf(error: ProviderError): string | undefined {
  const { cause } = error;
  return cause instanceof CallError && cause.failure.kind === 'status' ? armError(cause.failure)?.code : undefined;
}

const ACTION = /perform action '([\w./*-]+)'/;

/** For a kind, or a part of one, that could not be read. */
export const failureOf = (error: ProviderError): ListFailure => ({
  class: error.class,
  problem: error.problem,
  retryAfterSeconds: error.retryAfterSeconds,
  denied: error.problem.code === 'list_denied' ? { action: ACTION.exec(error.message)?.[1] ?? null } : null,
});

export const lossOf = (path: string, error: ProviderError): Loss => ({ path, ...failureOf(error) });

/** What is wrong with an answer that came. */
export const noticed = (path: string, kind: ListFailure['class'], shown: ListFailure['problem']): Loss => ({
  path,
  class: kind,
  problem: shown,
  retryAfterSeconds: null,
  denied: null,
});

export const deniedFailure = (action: string, grantee: Grantee): ListFailure => ({
  class: 'user',
  problem: problem.actionMissing(action, grantee),
  retryAfterSeconds: null,
  denied: { action },
});
