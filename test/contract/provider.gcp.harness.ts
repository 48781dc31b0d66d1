import { calculatePKCECodeChallenge, generateRandomCodeVerifier } from 'oauth4webapi';

import { createGcpProvider, type GcpDependencies } from '../../providers/gcp/index.ts';
import { manifest } from '../../providers/gcp/manifest.ts';
import type { MethodManifest } from '../../providers/manifests/types.ts';
import type { AuthMethod, ExchangeRequest } from '../../providers/provider.ts';
import { resolveSettings, type Environment } from '../../providers/manifests/settings.ts';
import { systemClock } from '../../platform/clock.ts';
import { Secret } from '../../platform/secret.ts';
import type { RedirectMethodHarness } from './provider.contract.ts';

export const gcpRegion = 'global';
export const gcpRedirectUri = 'http://127.0.0.1:5000/callback';
export const ada = { sub: '110000000000000000001', email: 'ada@lindqvist.example' };

/** One of Google Cloud's methods in an installation with that environment. */
export function gcpMethod(environment: Environment, id: string, options: Partial<GcpDependencies> = {}): AuthMethod {
  const settings = resolveSettings(manifest, environment);
  const { methods } = createGcpProvider({ settings, fetch, clock: systemClock, ...options });
  if (!methods[id]) throw new Error(`The Google Cloud provider has no method ${id}.`);
  return methods[id];
}

export function gcpManifest(id: string): MethodManifest {
  const method = manifest.methods.find((known) => known.id === id);
  if (!method) throw new Error(`The manifest of Google Cloud has no method ${id}.`);
  return method;
}

export function gcpScopes(id = 'authorization_code'): readonly string[] {
  const method = gcpManifest(id);
  return method.flow === 'redirect' ? method.scopes : [];
}

/** Where the API would send the browser; `changed` replaces single parameters, and an empty one leaves it out. */
export function gcpAuthorizeUrl(
  environment: Environment,
  challenge: string,
  { id = 'authorization_code', changed = {} }: { id?: string; changed?: Readonly<Record<string, string>> } = {},
): URL {
  const method = gcpManifest(id);
  const url = new URL(environment['GCP_AUTHORIZE_URL'] ?? '');
  const parameters = {
    ...(method.flow === 'redirect' && method.authorizeParameters),
    client_id: environment['GCP_CLIENT_ID'] ?? '',
    redirect_uri: gcpRedirectUri,
    response_type: 'code',
    scope: gcpScopes(id).join(' '),
    state: 'the-state-is-checked-elsewhere',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...changed,
  };
  url.search = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== '')).toString();
  return url;
}

/** A sign-in that was approved, ready to be redeemed. */
export async function gcpGranted(
  environment: Environment,
  decide: (authorizeUrl: URL) => Promise<URL>,
  options?: Parameters<typeof gcpAuthorizeUrl>[2],
): Promise<ExchangeRequest> {
  const verifier = generateRandomCodeVerifier();
  const back = await decide(gcpAuthorizeUrl(environment, await calculatePKCECodeChallenge(verifier), options));
  return {
    region: gcpRegion,
    code: new Secret(back.searchParams.get('code') ?? ''),
    verifier: new Secret(verifier),
    redirectUri: gcpRedirectUri,
    iss: back.searchParams.get('iss'),
    signal: new AbortController().signal,
  };
}

/** The contract's harness over any server that plays Google. */
export function gcpHarness(
  id: string,
  server: {
    environment: Environment;
    decide: (authorizeUrl: URL) => Promise<URL>;
    close: () => Promise<void>;
  },
): RedirectMethodHarness {
  const { environment } = server;
  return {
    region: gcpRegion,
    redirectUri: gcpRedirectUri,
    account: ada.sub,
    method: ({ clientSecret, tokenUrl } = {}) =>
      gcpMethod(
        {
          ...environment,
          ...(clientSecret !== undefined && { GCP_CLIENT_SECRET: clientSecret }),
          ...(tokenUrl !== undefined && { GCP_TOKEN_URL: tokenUrl }),
        },
        id,
      ),
    async signIn(challenge) {
      const { searchParams } = await server.decide(gcpAuthorizeUrl(environment, challenge, { id }));
      return { code: searchParams.get('code') ?? '', iss: searchParams.get('iss') };
    },
    close: () => server.close(),
  };
}
