import { createHash } from 'node:crypto';
import type { KeyRing } from '../../platform/key-ring.ts';

const VERSION = '1';

/** A request as a repeat of it is recognised. */
export interface DigestedRequest {
  /** What anybody who reads the connection sees of it. JSON. */
  readonly open: string;
  /** What nobody may find by trying: a passcode, the key of a session. Null where there is none. JSON. */
  readonly secret: string | null;
}

/**
 * What a repeated request is recognised by: `1.{hash}` or `1.{hash}.{key id}.{keyed digest}`. It is kept as long as
 * the connection, which is longer than any key of the ring. So only what could be guessed is digested with a key; the
 * rest is hashed, and is still compared when that key is gone.
 */
export function digestRequest(keyRing: KeyRing, { open, secret }: DigestedRequest): string {
  const parts = [VERSION, hash(open)];
  if (secret !== null) parts.push(keyRing.currentKeyId, keyRing.digest('invitation', secret));
  return parts.join('.');
}

/**
 * Whether the digest was made from this request. Where its key is gone, the secret part can't be compared: then the rest
 * decides. Undefined for what is no digest of ours.
 */
export function isSameRequest(
  keyRing: KeyRing,
  digest: string,
  { open, secret }: DigestedRequest,
): boolean | undefined {
  const [version, hashed, keyId, keyed] = digest.split('.');
  if (version !== VERSION || hashed === undefined) return undefined;
  if (hashed !== hash(open)) return false;
  if (keyId === undefined || keyed === undefined) return secret === null;
  if (secret === null) return false;
  return keyRing.matchesUnder(keyId, 'invitation', secret, keyed) ?? true;
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
