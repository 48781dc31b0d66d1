import { Secret } from '../../../platform/secret.ts';
import type { RegionSettings } from '../../manifests/settings.ts';
import { unusable } from '../../preconditions.ts';
import { readRsaKey } from '../../manifests/rsa-key.ts';
import { withLineEnds } from '../manifest/key-file.ts';
import {
  keyOfAnotherKind,
  keyOfOtherSize,
  keyWithOddNumbers,
  keyWithoutEmail,
  keyWithoutPrivateKey,
  noKeyFile,
  tokenUriRefused,
} from '../problems.ts';

/** A key file that has been checked as far as it can be without asking Google. */
export interface ServiceAccountKey {
  readonly clientEmail: string;
  /** PEM. */
  readonly privateKey: Secret<string>;
  readonly keyId: string | null;
  readonly projectId: string | null;
  readonly tokenUri: string | null;
}

/** A key file has 2 to 4 KB. */
const LONGEST_FILE = 16_384;

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
  if (typeof email !== 'string' || !EMAIL.test(email)) throw unusable(keyWithoutEmail);
  const privateKey = checkedPrivateKey(email, typeof pem === 'string' ? withLineEnds(pem) : '');
  return {
    clientEmail: email,
    privateKey,
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
  if (text.length > LONGEST_FILE) throw unusable(noKeyFile);
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

/** It signs on the thread that serves everyone, so that a key which signs for seconds would stall all connections. */
function checkedPrivateKey(email: string, pem: string): Secret<string> {
  const reading = readRsaKey(pem);
  switch (reading.fault) {
    case 'size':
      throw unusable(keyOfOtherSize(email, reading.bits));
    case 'numbers':
      throw unusable(keyWithOddNumbers(email));
    case 'unreadable':
      throw unusable(keyWithoutPrivateKey(email));
    case null:
      return new Secret(reading.pem);
  }
}

/** It goes into sentences and command lines, too. */
const EMAIL = /^[\w.+-]{1,128}@[\w.-]{1,128}$/;

/** They go into sentences and command lines. */
const identifier = (value: unknown): string | null =>
  typeof value === 'string' && /^[\w:.-]{1,100}$/.test(value) ? value : null;
