import { Value } from 'typebox/value';

import { plainText } from '../../contracts/plain-text.ts';
import type { Problem } from '../../contracts/problem.ts';
import type { CallFailure } from '../http/call-error.ts';
import type { Classifier, Verdict } from '../http/classify.ts';
import { oauthClassifier, oauthVerdict, titles, type OAuthError } from '../oauth/classifier.ts';
import { aadstsCode, readAadsts, readOAuthError, type Situation } from './errors/aadsts.ts';
import { noAccessToken } from './problems.ts';
import { ArmErrorSchema } from './schema.ts';

/** The answers of Microsoft Entra ID and Azure Resource Manager in our vocabulary. */
export const azureClassifier = (situation: Situation): Classifier =>
  oauthClassifier({
    cloud: 'Microsoft Azure',
    statusPage: 'https://azure.status.microsoft',
    isExchange: situation.operation === 'exchange',
    noAccessToken,
    roles: [roleOf(situation)],
    region: situation.region,
    judgeOAuth: (failure) => judgeOAuth(failure, situation),
    judgeStatus: (failure) => (situation.operation === 'prove' ? judgeApi(failure, situation) : undefined),
  });

const roleOf = ({ operation, application }: Situation): string => {
  if (operation === 'prove') return 'api';
  return application === 'ours' ? 'token' : 'authority';
};

const titleOf = ({ operation }: Situation): string => {
  if (operation === 'mint') return 'The service principal could not sign in';
  return operation === 'prove' ? titles.call : titles[operation];
};

function judgeOAuth({ error, description }: OAuthError, situation: Situation): Verdict {
  const code = aadstsCode(description ?? '');
  const reading = readAadsts(code, situation) ?? readOAuthError(error, situation);
  return oauthVerdict(reading, {
    error,
    name: code === undefined ? error : `${error} (AADSTS${code})`,
    title: titleOf(situation),
    quote:
      description === null ? '' : ` Microsoft says: "${description.replace(/ ?(Trace ID|Correlation ID):.*$/, '')}"`,
  });
}

function judgeApi(
  { status, body }: Extract<CallFailure, { kind: 'status' }>,
  situation: Situation,
): Verdict | undefined {
  if (status !== 401 && status !== 403) return undefined;
  const { error } = Value.Check(ArmErrorSchema, body) ? body : {};
  // A page of a firewall in between is not Azure's verdict.
  if (!error) return undefined;
  const said = plainText(error.message ? `${error.code}: ${error.message}` : error.code, 300);
  if (status === 403) return { class: 'user', problem: forbidden(said) };
  // A token that was issued just now for a new application: Azure Resource Manager may not know the application yet.
  return { class: situation.isNew ? 'transient' : 'revoked', problem: credentialRejected(said) };
}

const credentialRejected = (said: string): Problem => ({
  code: 'credential_rejected',
  message: `Azure does not accept the access token: "${said}".`,
  remedy:
    'Right after an application was made it is tried again by itself. Otherwise re-authorise the connection: POST ' +
    '/v1/connections/{id}/reauthorize.',
});

const forbidden = (said: string): Problem => ({
  code: 'permission_missing',
  message: `Azure forbids listing the subscriptions: "${said}".`,
  remedy: 'Give the account or application the Reader or Contributor role, and look for policies that deny it.',
});
