import type { Problem } from '../../contracts/problem.ts';

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

export function tokenUriRefused(given: string | null, expected: string): Problem {
  const origin = URL.parse(given ?? '')?.origin;
  return {
    code: 'key_token_uri_refused',
    message: `The token_uri of the key file ${origin === undefined ? 'is missing' : `leads to ${origin}`}, and not to Google's ${expected}. Nothing was sent.`,
    remedy:
      'Use the key file as Google Cloud gave it to you. If somebody gave you this one, ask where they have it from.',
  };
}
