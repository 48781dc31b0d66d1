import type { JsonObject } from '../../platform/json.ts';
import type { Secret } from '../../platform/secret.ts';

/**
 * The gates that a secret passes through, each with rights of its own (see `deploy/vault/`):
 *
 * - `pending`    `{connection}/{ref}`: submitted or just exchanged; unproven, unconfirmed
 * - `live`       `{connection}/{renewal|access|about}`: proven, in use; the API hands out `access`
 * - `revoking`   `{connection}/{renewal|attempt}`: no longer handed out, kept until the cloud has revoked it
 * - `config`     tenants, hashed API keys, webhook endpoints, the key check
 * - `claims`     what must be unique across tenants (`cas = 0`), taken after a successful proof
 * - `tombstones` `{connection}`: what was revoked and when; no secret
 */
export const gates = ['pending', 'live', 'revoking', 'config', 'claims', 'tombstones'] as const;
export type Gate = (typeof gates)[number];

export interface StoredSecret {
  /** The store's own version of this key: what a later write gives as `cas`. Starts at 1. */
  readonly version: number;
  readonly data: Secret<JsonObject>;
  /** ISO 8601, by the store's clock: when this version was written. */
  readonly writtenAt: string;
}

export interface WriteOptions {
  /**
   * Check-and-set: the version the key must be at, 0 = must never have existed (or been destroyed).
   * Left out: last writer wins.
   */
  readonly cas?: number;
}

export interface ListOptions {
  /** A deadline for this call only, because the list of a whole gate is long. */
  readonly timeoutMs?: number;
}

/**
 * Key-value secrets with check-and-set, as Vault's KV version 2 has them. Every call ends within the deadline it was
 * built with, or a list within its own. Throws {@link SecretStoreConflict} or {@link SecretStoreUnavailable} and
 * nothing else; neither ever quotes a value. (A malformed key is the caller's bug: RangeError, see {@link
 * assertSecretKey}.)
 */
export interface SecretStore {
  /** The newest version, or undefined where there is none. */
  read(gate: Gate, key: string): Promise<StoredSecret | undefined>;
  /** Answers the new version. */
  write(gate: Gate, key: string, data: Secret<JsonObject>, options?: WriteOptions): Promise<number>;
  /** Destroys every version and the key itself. No error where there is none. */
  destroy(gate: Gate, key: string): Promise<void>;
  /** Destroys every version before this one, so that no old token remains. No error where there is none. */
  prune(gate: Gate, key: string, version: number): Promise<void>;
  /** Keys below a prefix that ends in `/` (or '' for all), one level, folders with a trailing `/`; sorted. */
  list(gate: Gate, prefix: string, options?: ListOptions): Promise<string[]>;
  /** Rejects with {@link SecretStoreUnavailable} unless the store answers and is usable by this process. */
  ping(): Promise<void>;
  /**
   * Seals again what an older key of the key ring has sealed; answers how many values. Only where the store does its
   * own sealing: the stand-in.
   */
  reseal?(): Promise<number>;
  close(): Promise<void>;
}

/** The key was not at the version that the write asked for. Nothing was written. */
export class SecretStoreConflict extends Error {
  override readonly name = 'SecretStoreConflict';
}

/** The store did not answer, or refused to serve. */
export class SecretStoreUnavailable extends Error {
  override readonly name = 'SecretStoreUnavailable';
  /** True if the write may have succeeded although the reply was lost: read again before deciding. */
  readonly ambiguous: boolean;
  /** True if the store answers, and its policy does not let this process do it. */
  readonly forbidden: boolean;

  constructor(message: string, options: { ambiguous: boolean; forbidden?: boolean; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.ambiguous = options.ambiguous;
    this.forbidden = options.forbidden ?? false;
  }
}

/** Printable, unambiguous in a path and in a Vault policy; wide enough for role ARNs, e-mail addresses and refs. */
const SEGMENT = /^(?!\.{1,2}$)[A-Za-z0-9_.:@=+,~-]{1,256}$/;

/**
 * Keys are made by Mooring, but parts of them come from outside (a key id, a reference). A segment that could
 * lead out of its gate is a bug of the caller: a RangeError, before anything is sent.
 */
export function assertSecretKey(key: string): void {
  if (!key.split('/').every((segment) => SEGMENT.test(segment))) {
    throw new RangeError('A secret key has segments of letters, digits and _.:@=+,~- joined by "/", and no others.');
  }
}

/** A prefix is '' or a key followed by "/". */
export function assertSecretPrefix(prefix: string): void {
  if (prefix === '') return;
  if (!prefix.endsWith('/')) throw new RangeError('A prefix of secret keys is empty or ends in "/".');
  assertSecretKey(prefix.slice(0, -1));
}

/** For a URL's path: `:` `@` `+` `,` are legal there (RFC 3986, 3.3), but not every proxy knows. */
export const encodeSecretKey = (key: string): string => key.split('/').map(encodeURIComponent).join('/');
