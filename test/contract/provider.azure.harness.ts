import { createAzureProvider, type AzureDependencies } from '../../providers/azure/index.ts';
import { manifest } from '../../providers/azure/manifest.ts';
import type { AuthMethod } from '../../providers/provider.ts';
import { resolveSettings, type Environment } from '../../providers/manifests/settings.ts';
import { systemClock } from '../../platform/clock.ts';
import type { RedirectMethodTraits } from './provider.contract.ts';
import { authorizeUrlOf, redirectUriOf, type FormServer } from './provider.harness.ts';

const signIn = { provider: 'azure', method: 'authorization_code' };

export const azureRegion = 'global';
export const azureRedirectUri = redirectUriOf(signIn);

/** A method of Azure in an installation with that environment. */
export function azureMethod(
  id: string,
  environment: Environment,
  options: Partial<Omit<AzureDependencies, 'settings'>> = {},
): AuthMethod {
  const settings = resolveSettings(manifest, environment);
  const method = createAzureProvider({ settings, fetch, clock: systemClock, ...options }).methods[id];
  if (!method) throw new Error(`The Azure provider has no method ${id}.`);
  return method;
}

export const azureAuthorizeUrl = (environment: Environment, challenge: string): URL =>
  authorizeUrlOf(signIn, environment, challenge);

/** In what Microsoft Entra ID differs from others. */
export const azureTraits = (recordFields: Readonly<Record<string, unknown>>): RedirectMethodTraits => ({
  // Scopes of OpenID Connect are not among those of the access token.
  scopes: ['https://management.azure.com/user_impersonation'],
  otherRedirectUri: { class: 'config', code: 'invalid_client' },
  spentTokensStayGood: true,
  recordFields,
  identityComesWithTokens: true,
});

/** Of every service principal. */
export const azurePrincipal = {
  revocation: 'unsupported',
  wrong: {
    fields: { client_secret: 'not-the-secret' },
    // For the first minutes it may be a secret that Microsoft does not know yet.
    expected: { class: 'transient', code: 'invalid_client' },
  },
} as const satisfies Partial<FormServer>;
