import { createOvhProvider } from '../../providers/ovh/index.ts';
import { manifest } from '../../providers/ovh/manifest.ts';
import type { FormMethodManifest } from '../../providers/manifests/types.ts';
import type { AuthMethod } from '../../providers/provider.ts';
import { resolveSettings, type Environment } from '../../providers/manifests/settings.ts';
import { systemClock, type Clock } from '../../platform/clock.ts';
import type { RedirectMethodHarness } from './provider.contract.ts';

export const ovhRegion = 'ovh-eu';
export const ovhRedirectUri = 'http://127.0.0.1:5000/ovh/oauth2/callback';

interface MethodOptions {
  readonly deadlineMs?: number;
  readonly clock?: Clock;
}

/** One of OVHcloud's methods in an installation with that environment. */
export function ovhMethod(id: string, environment: Environment, options: MethodOptions = {}): AuthMethod {
  const settings = resolveSettings(manifest, environment);
  const { methods } = createOvhProvider({ settings, fetch, clock: systemClock, ...options });
  const method = methods[id];
  if (!method) throw new Error(`The OVHcloud provider has no method ${id}.`);
  return method;
}

export const ovhSignIn = (environment: Environment, options?: MethodOptions): AuthMethod =>
  ovhMethod('authorization_code', environment, options);

export function ovhForm(id: string): FormMethodManifest {
  const method = manifest.methods.find((each) => each.id === id);
  if (method?.flow !== 'form') throw new Error(`The OVHcloud manifest has no form ${id}.`);
  return method;
}

/** The same environment with every address of the cloud's own machines replaced. */
export const withCloudAt = (environment: Environment, cloudUrl: string | undefined): Environment =>
  cloudUrl === undefined
    ? environment
    : { ...environment, OVH_EU_TOKEN_URL: cloudUrl, OVH_EU_REVOKE_URL: cloudUrl, OVH_EU_API_URL: cloudUrl };

export function ovhAuthorizeUrl(environment: Environment, challenge: string): URL {
  const url = new URL(environment['OVH_EU_AUTHORIZE_URL'] ?? '');
  url.search = new URLSearchParams({
    client_id: environment['OVH_EU_CLIENT_ID'] ?? '',
    redirect_uri: ovhRedirectUri,
    response_type: 'code',
    scope: 'all',
    state: 'the-state-is-checked-elsewhere',
    code_challenge: challenge,
    code_challenge_method: 'S256',
  }).toString();
  return url;
}

/** The contract's harness over any server that plays OVHcloud. */
export function ovhHarness(server: {
  environment: Environment;
  decide: (authorizeUrl: URL) => Promise<URL>;
  close: () => Promise<void>;
}): RedirectMethodHarness {
  const { environment } = server;
  return {
    region: ovhRegion,
    redirectUri: ovhRedirectUri,
    account: 'la12345-ovh',
    method: ({ clientSecret, tokenUrl } = {}) =>
      ovhSignIn({
        ...environment,
        ...(clientSecret !== undefined && { OVH_EU_CLIENT_SECRET: clientSecret }),
        ...(tokenUrl !== undefined && { OVH_EU_TOKEN_URL: tokenUrl }),
      }),
    async signIn(challenge) {
      const { searchParams } = await server.decide(ovhAuthorizeUrl(environment, challenge));
      return { code: searchParams.get('code') ?? '', iss: searchParams.get('iss') };
    },
    close: () => server.close(),
  };
}
