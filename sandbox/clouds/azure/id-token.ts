import { createPublicKey, generateKeyPairSync, sign, type JsonWebKey } from 'node:crypto';

import type { Clock } from '../../../platform/clock.ts';
import type { User } from './directory.ts';

const KEY_ID = 'sandbox-azure';

/** Signs ID tokens (OpenID Connect Core, 2). The key is made when first needed, and lives as long as the process. */
export interface IdTokens {
  mint(claims: { issuer: string; clientId: string; user: User }): string;
  jwks(): { keys: JsonWebKey[] };
}

export function createIdTokens(clock: Clock): IdTokens {
  let pair: ReturnType<typeof makePair> | undefined;
  const key = () => (pair ??= makePair());
  return {
    mint({ issuer, clientId, user }) {
      const issuedAt = Math.floor(clock.now() / 1000);
      const header = { typ: 'JWT', alg: 'RS256', kid: KEY_ID };
      // Without `nbf`, which a sandbox whose clock was set forward would put into everybody else's future.
      const payload = {
        iss: issuer,
        aud: clientId,
        iat: issuedAt,
        exp: issuedAt + 3600,
        sub: user.objectId,
        tid: user.tenantId,
        oid: user.objectId,
        preferred_username: user.username,
        name: user.name,
        ver: '2.0',
      };
      const signed = `${encode(header)}.${encode(payload)}`;
      return `${signed}.${sign('sha256', Buffer.from(signed), key().privateKey).toString('base64url')}`;
    },
    jwks: () => ({
      keys: [{ ...createPublicKey(key().privateKey).export({ format: 'jwk' }), kid: KEY_ID, use: 'sig', alg: 'RS256' }],
    }),
  };
}

const makePair = () => generateKeyPairSync('rsa', { modulusLength: 2048 });

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
