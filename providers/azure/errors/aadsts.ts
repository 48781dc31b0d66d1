import type { RegionManifest } from '../../manifests/types.ts';
import type { Reading } from '../../oauth/classifier.ts';

/** What a call was for, and what its answer must be judged by. */
export interface Situation {
  readonly operation: 'exchange' | 'refresh' | 'revoke' | 'mint' | 'prove';
  readonly region: RegionManifest;
  /** Whose application it is: ours signs people in, the customer's is a service principal. */
  readonly application: 'ours' | 'theirs';
  /** It was made minutes ago and has not worked yet: Microsoft's own servers may not all know it. */
  readonly isNew: boolean;
}

export type Read = (situation: Situation) => Reading;

const user = (cause: string, remedy: string): Reading => ({ class: 'user', cause, remedy });
const revoked = (cause: string): Reading => ({ class: 'revoked', cause, remedy: reauthorise });

const reauthorise =
  'Re-authorise the connection: POST /v1/connections/{id}/reauthorize, then open the new link and sign in again.';
const signInAgain = 'Open the invitation link again and sign in once more.';
const submitAgain =
  'Then submit it again; an active connection is re-authorised first: POST /v1/connections/{id}/reauthorize.';
const retried =
  'It may take a few minutes until Microsoft knows it everywhere: it is tried again by itself until then.';

/** About the application itself: its owner puts it right. */
const application =
  (cause: string, theirs: string, ours: (variable: (role: string) => string) => string): Read =>
  ({ application: whose, region }) =>
    whose === 'theirs'
      ? user(cause, `${theirs} ${submitAgain}`)
      : { class: 'config', cause, remedy: ours((role) => region.settings[role]?.names[0] ?? role) };

/** What may also be only "not yet", right after the application or its secret was made. */
const orNotYet =
  (read: Read): Read =>
  (situation) => {
    const reading = read(situation);
    return situation.isNew ? { ...reading, class: 'transient', remedy: `${retried} ${reading.remedy}` } : reading;
  };

const secretInvalid = orNotYet(
  application(
    "The client secret is not one of the application's; often the secret's ID was pasted instead of its value.",
    'Make a new client secret under Certificates & secrets and copy its value.',
    (variable) =>
      `Set ${variable('clientSecret')} to the value, not the ID, of a client secret of ${variable('clientId')}, and restart Mooring.`,
  ),
);
const secretExpired = application(
  'The client secret has expired.',
  'Make a new client secret under Certificates & secrets.',
  (variable) =>
    `Make a new client secret for the application, set ${variable('clientSecret')} to its value, and restart Mooring.`,
);
const applicationUnknown = orNotYet(
  application(
    'The directory (tenant) does not know the application, or is not the one that it was registered in.',
    "Compare both IDs with the application's overview page: the application (client) ID is not the object ID.",
    (variable) =>
      `Compare ${variable('clientId')} and ${variable('tenantId')} with the app registration; to let other directories in, it must be multitenant.`,
  ),
);
const applicationDisabled = application(
  'The application was disabled.',
  'Enable it again under Enterprise applications, Properties, "Enabled for users to sign in".',
  () => 'Enable the app registration again, or register another one.',
);
const tenantUnknown = application(
  'There is no such directory (tenant) in this cloud of Microsoft.',
  "Compare the directory (tenant) ID with the application's overview page, and the connection's cloud with yours.",
  (variable) => `Correct ${variable('tenantId')}: a directory (tenant) ID, or "organizations".`,
);
const federationUnknown = orNotYet(
  application(
    'The application trusts no federated identity like the one that was shown.',
    'Submit a client secret of the application; compare its federated credentials.',
    () => "Compare the application's federated credentials, issuer, subject and audience to the letter.",
  ),
);
const redirectUriOther: Read = ({ region }) => ({
  class: 'config',
  cause: 'The redirect URI is not the one that the application has, or not the one that the sign-in began with.',
  remedy: `Compare ${region.settings['redirectUri']?.names[0]} with the redirect URIs of the app registration (Authentication, Web): to the letter, trailing slash included.`,
});
const noConsent: Read = () =>
  user(
    'Nobody has allowed the application to use Azure in this directory, or the consent was taken back.',
    `${signInAgain} Where only administrators may consent, one of them opens the admin consent link on the invitation page first.`,
  );
const mfa: Read = () =>
  user(
    'The directory demands multi-factor authentication, and the sign-in was without it or too long ago.',
    `${signInAgain} For an active connection: POST /v1/connections/{id}/reauthorize.`,
  );
const conditionalAccess: Read = () =>
  user(
    'A conditional access policy of the directory blocks the sign-in.',
    'Ask an administrator to let the application through that policy, from the network that Mooring runs in; then sign in again.',
  );
const busy: Read = () => ({
  class: 'transient',
  cause: 'Microsoft has a problem of its own, or asks to go slower.',
  remedy: 'Nothing to do: it is tried again by itself.',
});
const signInCodeUsed = (): Reading =>
  user(
    'The authorization code was used already (codes are single use; the callback page was reloaded), has expired, or was not meant for this sign-in.',
    signInAgain,
  );
const grantWithdrawn: Read = ({ operation }) =>
  operation === 'exchange'
    ? signInCodeUsed()
    : revoked('The sign-in has ended: the access was withdrawn, or the refresh token is no longer good.');

/** https://learn.microsoft.com/entra/identity-platform/reference-error-codes, the codes that Mooring can meet. */
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
  '54005': signInCodeUsed,
  '501481': signInCodeUsed,
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
      // The callback takes codes from the internet: an unknown error must not look like an operator's mistake.
      return user(
        'Microsoft refused the request.',
        'Look the code up at https://login.microsoftonline.com/error, then try again.',
      );
  }
}
