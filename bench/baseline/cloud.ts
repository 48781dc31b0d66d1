import { createHash, randomBytes } from 'node:crypto';
import type { SandboxClient } from '../../sandbox/client.ts';

/** The sandbox's OVHcloud, asked directly: what the baseline renews and signs in at is what the product does. */
export interface BareCloud {
  readonly tokenUrl: string;
  readonly apiUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** A sign-in that the cloud has answered, as it is before the code is redeemed. */
export interface BareCode {
  readonly code: string;
  readonly verifier: string;
}

export interface BareTokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly expires_in: number;
}

const REDIRECT_URI = 'http://127.0.0.1/callback';

export const bareCloud = (variables: Readonly<Record<string, string>>): BareCloud => ({
  tokenUrl: variables['OVH_EU_TOKEN_URL'] ?? '',
  apiUrl: variables['OVH_EU_API_URL'] ?? '',
  clientId: variables['OVH_EU_CLIENT_ID'] ?? '',
  clientSecret: variables['OVH_EU_CLIENT_SECRET'] ?? '',
});

/** The person's part: approves at the cloud (RFC 6749, 4.1.1, with PKCE). */
export async function approve(
  sandbox: SandboxClient,
  authorizeUrl: string,
  clientId: string,
  account: string,
): Promise<BareCode> {
  const verifier = randomBytes(32).toString('base64url');
  const url = new URL(authorizeUrl);
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: REDIRECT_URI,
    scope: 'all',
    state: 'none',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString();
  const back = await sandbox.decide(url, { account });
  return { code: back.searchParams.get('code') ?? '', verifier };
}

export async function redeem(cloud: BareCloud, { code, verifier }: BareCode): Promise<BareTokens> {
  const grant = { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: REDIRECT_URI };
  return await token(cloud, grant);
}

export const refresh = async (cloud: BareCloud, refreshToken: string): Promise<BareTokens> =>
  await token(cloud, { grant_type: 'refresh_token', refresh_token: refreshToken });

export async function whoAmI({ apiUrl }: BareCloud, accessToken: string): Promise<string> {
  const response = await fetch(`${apiUrl}/me`, { headers: { authorization: `Bearer ${accessToken}` } });
  if (!response.ok) throw new Error(`The cloud answers ${response.status} for /me.`);
  return ((await response.json()) as { nichandle: string }).nichandle;
}

async function token({ tokenUrl, clientId, clientSecret }: BareCloud, grant: Record<string, string>) {
  const response = await fetch(tokenUrl, {
    method: 'POST',
    body: new URLSearchParams({ ...grant, client_id: clientId, client_secret: clientSecret }),
  });
  if (!response.ok) throw new Error(`The token endpoint answers ${response.status}.`);
  return (await response.json()) as BareTokens;
}
