import { calculatePKCECodeChallenge } from 'oauth4webapi';
import { allowInsecureRequests, buildAuthorizationUrl, Configuration } from 'openid-client';
import { scopesFor } from '../../providers/manifests/settings.ts';
import type { RedirectWay } from '../connections/provider-catalog.ts';

/** The issuer by which RFC 9207's `iss` is checked: as the manifest names it, else the origin of the sign-in page. */
export function issuerOf(way: RedirectWay): string {
  return way.region.urls['issuer'] ?? new URL(authorizeEndpoint(way)).origin;
}

/** Where the browser is sent to sign in (RFC 6749, 4.1.1, with RFC 7636). `verifier` stays here; its digest goes. */
export async function authorizeUrl(way: RedirectWay, state: string, verifier: string): Promise<string> {
  const { method, region, redirectUri } = way;
  const endpoint = authorizeEndpoint(way);
  const configuration = new Configuration(
    { issuer: issuerOf(way), authorization_endpoint: endpoint },
    region.values['clientId'] ?? '',
  );
  // Only an operator's own override can be http: the sandbox, or a test.
  if (endpoint.startsWith('http:')) allowInsecureRequests(configuration);
  return buildAuthorizationUrl(configuration, {
    ...method.authorizeParameters,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: scopesFor(region, method).join(' '),
    state,
    code_challenge: await calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  }).href;
}

/** 64 random bytes: 86 characters of the verifier's alphabet (RFC 7636, 4.1 allows 43 to 128). */
export const mintVerifier = (randomBytes: (size: number) => Buffer): string => randomBytes(64).toString('base64url');

export function authorizeEndpoint({ region: { urls } }: RedirectWay): string {
  const endpoint = urls['authorize'];
  if (endpoint === undefined) throw new TypeError('A redirect method needs a URL of the role "authorize".');
  return endpoint;
}
