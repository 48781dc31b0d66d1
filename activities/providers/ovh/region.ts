import type { Secret } from '../../../platform/secret.ts';
import type { OAuthServer } from '../oauth.ts';
import { ProviderError } from '../provider.ts';
import { missingFor, type ProviderSettings, type RegionSettings } from '../settings.ts';
import { unknownRegion } from './errors.ts';

/** A region that a method can be used in. Throws {@link ProviderError} of class `config` where it is none. */
export function openRegion(settings: ProviderSettings, regionId: string, methodId: string): RegionSettings {
  const region = settings.regions.get(regionId);
  if (!region) throw config(unknownRegion(regionId, [...settings.regions.keys()]));
  const method = settings.manifest.methods.find(({ id }) => id === methodId);
  const missing = method && missingFor(settings, region, method);
  if (missing) throw config(missing);
  return region;
}

const config = (problem: ProviderError['problem']) =>
  new ProviderError({ class: 'config', problem, delivery: 'not_sent' });

/** The region's authorization server, towards one OAuth2 client: ours, or a customer's service account. */
export const authorizationServer = (
  { urls }: RegionSettings,
  client: { readonly clientId: string; readonly clientSecret: Secret<string> },
): OAuthServer => ({
  // OVHcloud publishes no issuer; an `iss` of another origin would be another authorization server's (RFC 9207).
  issuer: URL.parse(urls['authorize'] ?? '')?.origin ?? '',
  tokenUrl: urls['token'] ?? '',
  revokeUrl: urls['revoke'] ?? '',
  ...client,
});
