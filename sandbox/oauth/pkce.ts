import { createHash } from 'node:crypto';

/** BASE64URL(SHA-256) is 43 characters, no padding (RFC 7636, 4.2). */
export const isChallenge = (text: string): boolean => /^[A-Za-z0-9_-]{43}$/.test(text);

/** 43 to 128 unreserved characters (RFC 7636, 4.1), and the challenge is made from them (4.6). */
export function verifies(verifier: string, challenge: string): boolean {
  return (
    /^[A-Za-z0-9._~-]{43,128}$/.test(verifier) &&
    createHash('sha256').update(verifier).digest('base64url') === challenge
  );
}
