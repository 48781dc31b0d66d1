import type { Clock } from '../../platform/clock.ts';
import { Secret } from '../../platform/secret.ts';
import type { Http } from '../http/http.ts';
import { createOAuthClient, type OAuthClient } from '../oauth/oauth.ts';
import type { RegionSettings } from '../manifests/settings.ts';

/** A directory by its ID, as against `organizations`, which is all of them. */
const isTenant = (tenantId: string): boolean => /^[0-9a-f]{8}-/i.test(tenantId);

/** Microsoft Entra ID as our own application is registered there. It has no endpoint that revokes a token. */
export function createSignInClient(deps: { region: RegionSettings; http: Http; clock: Clock }): OAuthClient {
  const { region, http, clock } = deps;
  const { authority = '', authorize = '', token = '' } = region.urls;
  const { clientId = '', tenantId = '' } = region.values;
  const server = {
    // Entra sends no `iss` with a code (RFC 9207); one that comes is another authorization server's.
    issuer: URL.parse(authorize)?.origin ?? '',
    tokenUrl: token,
    // Each directory is an issuer of its own, below the one endpoint that signs all of them in.
    idTokenIssuer: ({ tid }: Readonly<Record<string, unknown>>) =>
      `${authority.replace(/\/$/, '')}/${isTenant(tenantId) ? tenantId.toLowerCase() : String(tid)}/v2.0`,
    clientId,
    clientSecret: region.secrets['clientSecret'] ?? new Secret(''),
  };
  return createOAuthClient({ server, http, clock });
}
