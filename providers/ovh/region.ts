import type { Secret } from '../../platform/secret.ts';
import type { OAuthServer } from '../oauth/oauth.ts';
import { openRegion as open } from '../preconditions.ts';
import type { ProviderSettings, RegionSettings } from '../manifests/settings.ts';
import { unknownRegion } from './errors.ts';

/** Throws `ProviderError` of class `config` where the region is unknown or not configured. */
export const openRegion = (settings: ProviderSettings, regionId: string, methodId: string): RegionSettings =>
  open(settings, regionId, methodId, unknownRegion);

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
