import type { CallFailure } from '../http/call-error.ts';
import type { Verdict } from '../http/classify.ts';
import type { Circumstances } from './errors.ts';
import { quote } from './oauth-errors.ts';

/** An OAuth error reply to the assertion of a service account (RFC 7523, 3.1), with its cause at Google. */
export function judgeAssertion(
  { error, description }: Extract<CallFailure, { kind: 'oauth' }>,
  { key, hasWorked = false, region }: Circumstances,
): Verdict {
  const said = description ?? '';
  const who = key?.clientEmail ?? 'the service account';
  const words = `Google refused the key of ${who}: ${error}.`;
  if (['server_error', 'internal_failure', 'temporarily_unavailable'].includes(error)) {
    const remedy = 'Nothing to do: it is tried again by itself.';
    return { class: 'transient', problem: { code: error, message: `${words}${quote(description)}`, remedy } };
  }
  if (/short-lived|reasonable timeframe|iat and exp/i.test(said)) {
    return {
      class: 'config',
      problem: {
        code: 'clock_skew',
        message: `${words} The clock of the machine that Mooring runs on is off.${quote(description)}`,
        remedy: 'Set that clock (NTP).',
      },
    };
  }
  if (error !== 'invalid_grant' || /disabled/i.test(said)) {
    return {
      class: 'user',
      problem: {
        code: 'service_account_refused',
        message: `${words} It may not get tokens: it is disabled, or a policy of the organisation forbids it.${quote(description)}`,
        remedy:
          'Enable the service account in IAM, or ask an administrator of the organisation; then submit the key again.',
      },
    };
  }
  const link = `${region.values['consoleUrl'] ?? ''}/iam-admin/serviceaccounts`;
  return hasWorked
    ? {
        class: 'revoked',
        problem: {
          code: 'key_withdrawn',
          message: `${words} The key was deleted or has expired, or its service account was deleted.${quote(description)}`,
          remedy:
            'Make a new key in IAM, and re-authorise the connection with it: POST /v1/connections/{id}/reauthorize. If you meant to end the access, disconnect.',
          link,
        },
      }
    : {
        class: 'transient',
        problem: {
          code: 'key_not_known',
          message: `${words} Either the key is new, which takes from seconds to several minutes to be known everywhere, or it was deleted or has expired, or its service account was deleted: Google answers all of these alike.${quote(description)}`,
          remedy:
            'Wait some minutes after making the key: it is tried again by itself. If it goes on, compare the key ID with the keys of the service account in IAM, make a new key, and submit that one.',
          link,
        },
      };
}
