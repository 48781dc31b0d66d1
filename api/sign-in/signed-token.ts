import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from 'jose';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { iso } from '../../contracts/time.ts';
import type { Clock } from '../../platform/clock.ts';
import type { KeyPurpose, KeyRing } from '../../platform/key-ring.ts';

export type Verified<T> =
  | { readonly outcome: 'valid'; readonly claims: T; readonly expiresAt: string }
  /** Valid, but expired. */
  | { readonly outcome: 'expired'; readonly claims: T }
  | { readonly outcome: 'invalid' };

export interface SignedTokens<T> {
  /** The same claims give the same token, as long as the key is the same. `expiresAt` is cut to whole seconds. */
  sign(claims: T, expiresAt: string): Promise<string>;
  verify(token: string): Promise<Verified<T>>;
}

/**
 * JWTs (RFC 7519) of one kind, HS256 under a key derived for one purpose. `typ` tells two kinds under one key apart
 * (RFC 8725, 3.11); there is no `iat`, so that a repeated request is answered with the same link.
 */
export function createSignedTokens<S extends TSchema>(options: {
  readonly keyRing: KeyRing;
  readonly purpose: KeyPurpose;
  readonly type: string;
  readonly clock: Clock;
  readonly claims: S;
}): SignedTokens<Static<S>> {
  const { keyRing, purpose, type, clock } = options;
  const isClaims = (payload: unknown): payload is Static<S> => Value.Check(options.claims, payload);
  return {
    async sign(claims, expiresAt) {
      const current = keyRing.signingKey(purpose);
      return await new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256', typ: type, kid: current.keyId })
        .setExpirationTime(Math.floor(Date.parse(expiresAt) / 1000))
        .sign(current.key);
    },
    async verify(token) {
      try {
        const { kid } = decodeProtectedHeader(token);
        const key = kid === undefined ? undefined : keyRing.verifyingKey(purpose, kid);
        if (!key) return { outcome: 'invalid' };
        const { payload } = await jwtVerify(token, key, {
          algorithms: ['HS256'],
          typ: type,
          requiredClaims: ['exp'],
          currentDate: new Date(clock.now()),
        });
        if (!isClaims(payload) || payload.exp === undefined) return { outcome: 'invalid' };
        return { outcome: 'valid', claims: payload, expiresAt: iso(payload.exp * 1000) };
      } catch (error) {
        // The signature was checked first: an expired token is ours.
        if (error instanceof errors.JWTExpired && isClaims(error.payload)) {
          return { outcome: 'expired', claims: error.payload };
        }
        if (error instanceof errors.JOSEError || error instanceof TypeError) return { outcome: 'invalid' };
        throw error;
      }
    },
  };
}
