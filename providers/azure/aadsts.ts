import type { Reading } from '../oauth/reading.ts';
import {
  application,
  applicationDisabled,
  applicationUnknown,
  busy,
  codeUsed,
  conditionalAccess,
  federationUnknown,
  grantWithdrawn,
  mfa,
  noConsent,
  redirectUriOther,
  revoked,
  secretExpired,
  secretInvalid,
  signInAgain,
  tenantUnknown,
  user,
  type Read,
  type Situation,
} from './readings.ts';

/** https://learn.microsoft.com/entra/identity-platform/reference-error-codes, as far as it can meet us. */
const readings: Readonly<Record<string, Read>> = {
  '7000215': secretInvalid,
  '7000222': secretExpired,
  '7000218': secretInvalid,
  '700016': applicationUnknown,
  '7000229': applicationUnknown,
  '7000112': applicationDisabled,
  '70021': federationUnknown,
  '90002': tenantUnknown,
  '900023': tenantUnknown,
  '50011': redirectUriOther,
  '500112': redirectUriOther,
  '65001': noConsent,
  '90094': noConsent,
  '65004': () => user('The consent was declined.', signInAgain),
  '50072': mfa,
  '50074': mfa,
  '50076': mfa,
  '50078': mfa,
  '50079': mfa,
  '53000': conditionalAccess,
  '53001': conditionalAccess,
  '53003': conditionalAccess,
  '54005': codeUsed,
  '501481': codeUsed,
  '70000': grantWithdrawn,
  '70008': grantWithdrawn,
  '700082': () => revoked('The refresh token has expired: it was not used for 90 days, or its life was over.'),
  '70043': () => revoked('The refresh token has expired: the directory demands that people sign in regularly.'),
  '50173': () => revoked("The sign-in has ended: the account's password was changed, or its sessions were revoked."),
  '50057': () => revoked('The account that signed in was disabled.'),
  '50034': () => revoked('The account that signed in is no longer in the directory.'),
  '50196': busy,
  '90006': busy,
  '90033': busy,
};

/** The last one that is named: the others are general. */
export const aadstsCode = (text: string): string | undefined => [...text.matchAll(/AADSTS(\d+)/g)].at(-1)?.[1];

/** What a code of Microsoft Entra ID means; undefined where it is none that we know. */
export const readAadsts = (code: string | undefined, situation: Situation): Reading | undefined =>
  code === undefined ? undefined : readings[code]?.(situation);

/** What the error alone says (RFC 6749, 5.2; OpenID Connect Core, 3.1.2.6). */
export function readOAuthError(error: string, situation: Situation): Reading {
  switch (error) {
    case 'invalid_grant':
      return situation.operation === 'mint' ? applicationUnknown(situation) : grantWithdrawn(situation);
    case 'invalid_client':
      return secretInvalid(situation);
    case 'unauthorized_client':
    case 'unsupported_grant_type':
    case 'invalid_scope':
    case 'invalid_resource':
      return application(
        'Microsoft does not give the application what it asked for.',
        "Compare the application's overview page and its API permissions.",
        (variable) =>
          `Compare ${variable('clientId')} with the app registration; it needs the permission Azure Service Management, user_impersonation.`,
      )(situation);
    case 'consent_required':
      return noConsent(situation);
    case 'interaction_required':
    case 'login_required':
      return mfa(situation);
    case 'invalid_callback':
      return user('The answer that the browser brought is not from the cloud that it was sent to.', signInAgain);
    case 'server_error':
    case 'temporarily_unavailable':
      return busy(situation);
    default:
      // Anybody can bring a senseless code to the callback, so this must not look like an operator's mistake.
      return user(
        'Microsoft refused the request.',
        'Look the code up at https://login.microsoftonline.com/error, then try again.',
      );
  }
}
