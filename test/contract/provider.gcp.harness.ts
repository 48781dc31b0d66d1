import { calculatePKCECodeChallenge, generateRandomCodeVerifier } from 'oauth4webapi';

import { createGcpProvider, type GcpDependencies } from '../../providers/gcp/index.ts';
import { manifest } from '../../providers/gcp/manifest.ts';
import type { AuthMethod, ExchangeRequest } from '../../providers/provider.ts';
import { resolveSettings, type Environment } from '../../providers/manifests/settings.ts';
import { systemClock } from '../../platform/clock.ts';
import { Secret } from '../../platform/secret.ts';
import { authorizeUrlOf, redirectUriOf } from './provider.harness.ts';

export const gcpRegion = 'global';
export const gcpRedirectUri = redirectUriOf({ provider: 'gcp', method: 'authorization_code' });
export const ada = { sub: '110000000000000000001', email: 'ada@lindqvist.example' };

/** One of Google Cloud's methods in an installation with that environment. */
export function gcpMethod(environment: Environment, id: string, options: Partial<GcpDependencies> = {}): AuthMethod {
  const settings = resolveSettings(manifest, environment);
  const { methods } = createGcpProvider({ settings, fetch, clock: systemClock, ...options });
  if (!methods[id]) throw new Error(`The Google Cloud provider has no method ${id}.`);
  return methods[id];
}

/** Where the API would send the browser; `changed` replaces single parameters, and an empty one leaves it out. */
export const gcpAuthorizeUrl = (
  environment: Environment,
  challenge: string,
  { id = 'authorization_code', changed = {} }: { id?: string; changed?: Readonly<Record<string, string>> } = {},
): URL => authorizeUrlOf({ provider: 'gcp', method: id }, environment, challenge, changed);

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
