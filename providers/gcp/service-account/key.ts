import { createPrivateKey } from 'node:crypto';

import { Secret } from '../../../platform/secret.ts';
import type { RegionSettings } from '../../manifests/settings.ts';
import { unusable } from '../../preconditions.ts';
import { keyOfAnotherKind, keyWithoutEmail, keyWithoutPrivateKey, noKeyFile, tokenUriRefused } from '../problems.ts';

/** A key file that has been checked as far as it can be without asking Google. */
export interface ServiceAccountKey {
  readonly clientEmail: string;
  /** PEM. */
  readonly privateKey: Secret<string>;
  readonly keyId: string | null;
  readonly projectId: string | null;
  readonly tokenUri: string | null;
}

/** What Google wrote into key files before; it takes requests for all of them at the one of today. */
const formerTokenUrls = ['https://accounts.google.com/o/oauth2/token', 'https://www.googleapis.com/oauth2/v4/token'];

/**
 * Reads a key file. Throws `ProviderError` of class `user`, naming what is wrong with it and quoting nothing that
 * could be secret.
 */
export function readServiceAccountKey(text: string): ServiceAccountKey {
  const file = parse(text);
  const { type, client_email: email, private_key: pem, token_uri: tokenUri } = file;
  if (type !== 'service_account') throw unusable(keyOfAnotherKind(file));
  if (typeof email !== 'string' || !/^[^\s@]+@[^\s@]+$/.test(email)) throw unusable(keyWithoutEmail);
  // Copied out of an environment variable, a PEM's line ends may still be two characters each.
  const privateKey = typeof pem === 'string' ? pem.replaceAll('\\n', '\n') : '';
  if (!isRsaKey(privateKey)) throw unusable(keyWithoutPrivateKey(email));
  return {
    clientEmail: email,
    privateKey: new Secret(privateKey),
    keyId: identifier(file['private_key_id']),
    projectId: identifier(file['project_id']),
    tokenUri: typeof tokenUri === 'string' ? tokenUri : null,
  };
}

/**
 * Nothing is ever sent to a key's `token_uri`. One that is not Google's as configured is refused all the same: it
 * would have Mooring call another server. Throws `ProviderError` of class `user`.
 */
export function pinTokenUri({ tokenUri }: ServiceAccountKey, { urls, manifest }: RegionSettings): void {
  const expected = urls['token'] ?? '';
  const isReal = expected === manifest.urls['token']?.url;
  if (tokenUri === expected || (isReal && formerTokenUrls.includes(tokenUri ?? ''))) return;
  throw unusable(tokenUriRefused(tokenUri, expected));
}

function parse(text: string): Readonly<Record<string, unknown>> {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    // Not passed on: a parser quotes what it could not read.
    throw unusable(noKeyFile);
  }
  if (!(file instanceof Object) || Array.isArray(file)) throw unusable(noKeyFile);
  return file as Record<string, unknown>;
}

function isRsaKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'rsa';
  } catch {
    return false;
  }
}

/** They go into sentences and command lines. */
const identifier = (value: unknown): string | null =>
  typeof value === 'string' && /^[\w:.-]{1,100}$/.test(value) ? value : null;
