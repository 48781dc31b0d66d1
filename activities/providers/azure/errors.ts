import { Value } from 'typebox/value';

import type { Problem } from '../../../workflows/contracts/problem.ts';
import type { CallFailure } from '../call-error.ts';
import type { Classifier, Verdict } from '../classify.ts';
import { aadstsCode, readAadsts, readOAuthError } from './aadsts.ts';
import { noAccessToken } from './problems.ts';
import type { Situation } from './readings.ts';
import { ArmErrorSchema } from './schema.ts';

/** The answers of Microsoft Entra ID and Azure Resource Manager in our vocabulary. */
export function azureClassifier(situation: Situation): Classifier {
  return {
    cloud: 'Microsoft Azure',
    statusPage: 'https://azure.status.microsoft',
    judge(failure) {
      switch (failure.kind) {
        case 'insecure_url':
          return { class: 'config', problem: insecureUrl(failure.url) };
        case 'no_access_token':
          // The code is used up, so the person must come again; all else is simply tried again.
          return { class: situation.operation === 'exchange' ? 'user' : 'transient', problem: noAccessToken };
        case 'oauth':
          return judgeOAuth(failure, situation);
        case 'status':
          return judgeStatus(failure, situation);
      }
    },
  };
}

const titles: Readonly<Record<Situation['operation'], string>> = {
  exchange: 'Token exchange failed',
  refresh: 'Token refresh failed',
  mint: 'The service principal could not sign in',
  list: 'The call failed',
};

function judgeOAuth({ error, description }: Extract<CallFailure, { kind: 'oauth' }>, situation: Situation): Verdict {
  const code = aadstsCode(description ?? '');
  const { class: kind, cause, remedy } = readAadsts(code, situation) ?? readOAuthError(error, situation);
  const name = code === undefined ? error : `${error} (AADSTS${code})`;
  const words =
    description === null ? '' : ` Microsoft says: "${description.replace(/ ?(Trace ID|Correlation ID):.*$/, '')}"`;
  return {
    class: kind,
    problem: { code: error, message: `${titles[situation.operation]}: ${name}. ${cause}${words}`, remedy },
  };
}

function judgeStatus(
  { status, body }: Extract<CallFailure, { kind: 'status' }>,
  situation: Situation,
): Verdict | undefined {
  if (status === 404 || status === 405 || status === 410) {
    return { class: 'config', problem: wrongUrl(status, situation) };
  }
  if (situation.operation !== 'list' || (status !== 401 && status !== 403)) return undefined;
  const { error } = Value.Check(ArmErrorSchema, body) ? body : {};
  // A page of a firewall in between is not Azure's verdict.
  if (!error) return undefined;
  const said = `${error.code}${error.message ? `: ${error.message.replace(/\s+/g, ' ').slice(0, 300)}` : ''}`;
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

const insecureUrl = (url: string): Problem => ({
  code: 'insecure_url',
  message: `Credentials are sent over https only, and ${url} is not.`,
  remedy: 'Configure an https URL; http is accepted for addresses of this machine alone.',
});

function wrongUrl(status: number, { operation, application, region }: Situation): Problem {
  const role = operation === 'list' ? 'api' : application === 'ours' ? 'token' : 'authority';
  return {
    code: 'endpoint_not_found',
    message: `There is no endpoint of Microsoft Azure at the configured URL (${role}, HTTP ${status}).`,
    remedy: `Unset or correct ${region.urls[role]?.variable ?? role}.`,
  };
}
