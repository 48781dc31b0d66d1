import type { Problem } from '../../contracts/problem.ts';
import type { RegionSettings } from '../manifests/settings.ts';
import { oddNumbers, tooFewOrTooManyBits } from './manifest/key-file.ts';
import type { ServiceAccountKey } from './service-account/key.ts';

export const STATUS_PAGE = 'https://status.cloud.google.com';

export const noAccessToken: Problem = {
  code: 'no_access_token',
  message: 'No access_token received from Google.',
  remedy: `Sign in again. If it happens each time, check ${STATUS_PAGE} and the OAuth client's type: web application.`,
};

/** A warning, not an error: the connection works until its access token expires. */
export const noRefreshTokenWarning: Problem = {
  code: 'no_refresh_token',
  message: 'No refresh token received - user may need to re-authorize after expiration',
  remedy:
    'Google sends one only when it shows its consent page. Re-authorise the connection, and approve on every page of ' +
    'Google. For automation, use a service account instead.',
};

/** A warning of the same kind: Google says at the sign-in when it will end the access. */
export const accessEnds = (endsAt: Date): Problem => ({
  code: 'access_ends',
  message: `Google ends this access on ${endsAt.toISOString().slice(0, 16).replace('T', ' ')} UTC: the OAuth consent screen is in Testing (7 days), or access was granted for a limited time.`,
  remedy:
    'The operator sets the publishing status to "In production" (Google Auth Platform, Audience); then re-authorise the connection before that time.',
});

/** "Not yet" and "never" look alike: a new role takes minutes to be known everywhere. */
export function noProjects(who: string, key: ServiceAccountKey | undefined, { values }: RegionSettings): Problem {
  const project = key?.projectId ?? 'PROJECT_ID';
  const member = `${key ? 'serviceAccount' : 'user'}:${who}`;
  return {
    code: 'no_projects',
    message: `${who} can see no active Google Cloud project. If a role was granted just now, that takes up to some minutes.`,
    remedy:
      `Grant the role Viewer (roles/viewer) on the project: gcloud projects add-iam-policy-binding ${project} ` +
      `--member="${member}" --role=roles/viewer. It is tried again by itself.` +
      (key ? '' : ' If another account was meant, open the invitation again and sign in with that one.'),
    link: `${values['consoleUrl'] ?? ''}/iam-admin/iam${key?.projectId ? `?project=${key.projectId}` : ''}`,
  };
}

const pasteAgain = 'Paste the whole content of the JSON key file that Google Cloud gave you, from { to }.';

export const noKeyFile: Problem = {
  code: 'key_not_json',
  message: 'What was given is not a JSON key file.',
  remedy: pasteAgain,
};

/** Other JSON files of Google's look alike. */
export function keyOfAnotherKind(file: Readonly<Record<string, unknown>>): Problem {
  const { type } = file;
  const isClient = 'web' in file || 'installed' in file;
  const named = typeof type === 'string' && /^[a-z_]{1,40}$/.test(type) ? `its type is "${type}"` : 'it has no type';
  return {
    code: 'key_of_another_kind',
    message: `This is not the key of a service account: ${isClient ? 'it is the file of an OAuth client' : named}.`,
    remedy:
      'Make a key in the Google Cloud console: IAM, Service accounts, Keys, Add key, JSON. Its type is ' +
      '"service_account". Then paste the whole file.',
  };
}

export const keyWithoutEmail: Problem = {
  code: 'key_incomplete',
  message: 'The key file has no client_email that is an address.',
  remedy: pasteAgain,
};

export const keyWithoutPrivateKey = (email: string): Problem => ({
  code: 'key_unreadable',
  message: `The private_key in the key file of ${email} is not an RSA key in PEM form: it was cut short or changed.`,
  remedy: `${pasteAgain} Google shows a private key once: if the file is lost, make a new key and delete this one.`,
});

const newKey =
  'Make a key in the Google Cloud console (IAM, Service accounts, Keys, Add key, JSON), and submit its file as it is. ' +
  'If you uploaded a key of your own, make one of 2048 bits and upload that.';

export const keyOfOtherSize = (email: string, bits: number): Problem => ({
  code: 'key_size_refused',
  message: `The private key in the key file of ${email} ${tooFewOrTooManyBits(bits)}. Nothing was signed with it.`,
  remedy: newKey,
});

export const keyWithOddNumbers = (email: string): Problem => ({
  code: 'key_malformed',
  message: `The private key in the key file of ${email} ${oddNumbers}. Nothing was signed with it.`,
  remedy: newKey,
});

export function tokenUriRefused(given: string | null, expected: string): Problem {
  const origin = URL.parse(given ?? '')?.origin;
  return {
    code: 'key_token_uri_refused',
    message: `The token_uri of the key file ${origin === undefined ? 'is missing' : `leads to ${origin}`}, and not to Google's ${expected}. Nothing was sent.`,
    remedy:
      'Use the key file as Google Cloud gave it to you. If somebody gave you this one, ask where they have it from.',
  };
}
