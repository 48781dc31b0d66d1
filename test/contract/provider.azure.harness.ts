import { createAzureProvider, type AzureDependencies } from '../../providers/azure/index.ts';
import { manifest } from '../../providers/azure/manifest.ts';
import type { FormMethodManifest } from '../../providers/manifests/types.ts';
import type { AuthMethod } from '../../providers/provider.ts';
import { resolveSettings, type Environment } from '../../providers/manifests/settings.ts';
import { systemClock } from '../../platform/clock.ts';
import type { JsonObject } from '../../platform/json.ts';
import type { RedirectMethodHarness, RedirectMethodTraits } from './provider.contract.ts';
import type { FormMethodHarness } from './provider.form.contract.ts';

export const azureRegion = 'global';
export const azureRedirectUri = 'http://127.0.0.1:5000/azure/callback';
const userImpersonation = 'https://management.azure.com/user_impersonation';

type Options = Partial<Omit<AzureDependencies, 'settings'>>;

/** A method of Azure in an installation with that environment. */
export function azureMethod(id: string, environment: Environment, options: Options = {}): AuthMethod {
  const settings = resolveSettings(manifest, environment);
  const method = createAzureProvider({ settings, fetch, clock: systemClock, ...options }).methods[id];
  if (!method) throw new Error(`The Azure provider has no method ${id}.`);
  return method;
}

function azureForm(): FormMethodManifest {
  const form = manifest.methods.find((method) => method.flow === 'form');
  if (!form) throw new Error('The Azure provider has no form method.');
  return form;
}

/** Every address of the cloud `global` at one that stands in for it. */
const azureAt = (url: string): Environment => ({
  AZURE_AUTHORITY_HOST: url,
  AZURE_TOKEN_URL: url,
  AZURE_API_URL: url,
});

export function azureAuthorizeUrl(environment: Environment, challenge: string): URL {
  const url = new URL(environment['AZURE_AUTHORIZE_URL']?.replace('{tenantId}', 'organizations') ?? '');
  url.search = new URLSearchParams({
    client_id: environment['AZURE_CLIENT_ID'] ?? '',
    redirect_uri: azureRedirectUri,
    response_type: 'code',
    response_mode: 'query',
    scope: `${userImpersonation} offline_access openid profile`,
    state: 'the-state-is-checked-elsewhere',
    code_challenge: challenge,
    code_challenge_method: 'S256',
  }).toString();
  return url;
}

/** In what Microsoft Entra ID differs from others. */
export const azureTraits = (recordFields: Readonly<Record<string, unknown>>): RedirectMethodTraits => ({
  scopes: [userImpersonation],
  otherRedirectUri: { class: 'config', code: 'invalid_client' },
  spentTokensStayGood: true,
  revokesNothing: true,
  recordFields,
});

/** The contract's harness over any server that plays Microsoft Entra ID and Azure Resource Manager. */
export function azureSignInHarness(server: {
  environment: Environment;
  account: string;
  decide: (authorizeUrl: URL) => Promise<URL>;
  close: () => Promise<void>;
}): RedirectMethodHarness {
  const { environment, account } = server;
  return {
    region: azureRegion,
    redirectUri: azureRedirectUri,
    account,
    method: ({ clientSecret, tokenUrl } = {}) =>
      azureMethod('authorization_code', {
        ...environment,
        ...(clientSecret !== undefined && { AZURE_CLIENT_SECRET: clientSecret }),
        ...(tokenUrl !== undefined && { AZURE_TOKEN_URL: tokenUrl }),
      }),
    async signIn(challenge) {
      const { searchParams } = await server.decide(azureAuthorizeUrl(environment, challenge));
      return { code: searchParams.get('code') ?? '', iss: searchParams.get('iss') };
    },
    close: () => server.close(),
  };
}

/** The same, for service principals. */
export function azureFormHarness(server: {
  environment: Environment;
  account: string;
  submit: () => Promise<JsonObject>;
  withdraw: () => Promise<void>;
  close: () => Promise<void>;
}): FormMethodHarness {
  const { environment, ...rest } = server;
  return {
    ...rest,
    region: azureRegion,
    manifest: azureForm(),
    revocation: 'unsupported',
    method: ({ cloudUrl } = {}) =>
      azureMethod('client_secret', { ...environment, ...(cloudUrl !== undefined && azureAt(cloudUrl)) }),
    wrong: {
      fields: { client_secret: 'not-the-secret' },
      // For the first minutes it may be a secret that Microsoft does not know yet.
      expected: { class: 'transient', code: 'invalid_client' },
    },
  };
}
