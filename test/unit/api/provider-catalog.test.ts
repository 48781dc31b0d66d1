import { describe, expect, it } from 'vitest';
import { asRedirect, createProviderCatalog, foreignRedirects } from '../../../api/connections/provider-catalog.ts';
import { manifest } from '../../../providers/ovh/manifest.ts';
import { resolveSettings } from '../../../providers/manifests/settings.ts';

/** What the API is given: no secret. */
const ready = { OVH_EU_CLIENT_ID: 'id' };
const catalogOf = (environment: Record<string, string>) =>
  createProviderCatalog([resolveSettings(manifest, environment)]);

describe('choosing a sign-in method', () => {
  it('the first method of a provider is chosen where none is named', () => {
    expect(catalogOf(ready).choose('ovh', 'ovh-eu', undefined).method.id).toBe('authorization_code');
  });

  it.each([
    [{}, 'nimbus', 'ovh-eu', "Invalid provider 'nimbus'. Must be one of: ovh", 'invalid_provider'],
    [{}, 'ovh', 'ovh-mars', "Invalid endpoint 'ovh-mars'. Must be one of: ovh-eu, ovh-us, ovh-ca", 'invalid_endpoint'],
    [{}, 'ovh', 'ovh-ca', 'OAuth2 credentials not configured for ovh-ca.', 'credentials_not_configured'],
    [{ ...ready, ENABLE_OVH: 'false' }, 'ovh', 'ovh-eu', 'OVH connector not enabled.', 'connector_disabled'],
  ])('with the settings %o, choosing %s in %s fails with: %s', (environment, provider, region, message, code) => {
    const choose = () => catalogOf(environment).choose(provider, region, undefined);
    expect(choose).toThrow(expect.objectContaining({ message, code }));
  });

  it('the error for an unknown method names the methods of the provider', () => {
    expect(() => catalogOf(ready).choose('ovh', 'ovh-eu', 'magic')).toThrow(
      "Invalid method 'magic'. Must be one of: authorization_code",
    );
  });

  it('the error for missing settings names the variables to set', () => {
    const choose = () => catalogOf({}).choose('ovh', 'ovh-eu', undefined);
    expect(choose).toThrow(expect.objectContaining({ details: { variables: ['OVH_EU_CLIENT_ID'] } }));
  });
});

describe('redirect URIs', () => {
  const publicUrl = 'https://mooring.example';
  const sentences = (environment: Record<string, string>) =>
    foreignRedirects([resolveSettings(manifest, environment)], publicUrl);

  it('a redirect URI is on the public origin unless the operator overrides it', () => {
    const way = asRedirect(catalogOf(ready).choose('ovh', 'ovh-eu', undefined), publicUrl);
    expect(way?.redirectUri).toBe('https://mooring.example/ovh/oauth2/callback');
    expect(sentences(ready)).toEqual([]);
  });

  it('a redirect URI on another origin is reported with its variable and both origins', () => {
    const [sentence, ...others] = sentences({
      ...ready,
      OVH_EU_REDIRECT_URI: 'https://other.example/ovh/oauth2/callback',
    });
    expect(others).toEqual([]);
    expect(sentence).toMatch(
      /^OVH_EU_REDIRECT_URI "https:\/\/other\.example\/.*PUBLIC_URL \(https:\/\/mooring\.example\)/,
    );
  });

  it('a redirect URI with another scheme or port of the same host is on another origin', () => {
    const foreign = ['http://mooring.example/ovh/oauth2/callback', 'https://mooring.example:8443/x', 'not a url'];
    expect(foreign.map((uri) => sentences({ ...ready, OVH_EU_REDIRECT_URI: uri }).length)).toEqual([1, 1, 1]);
  });

  it('a foreign redirect URI of a connector that is disabled or not configured is not reported', () => {
    const uri = { OVH_EU_REDIRECT_URI: 'https://other.example/x' };
    expect(sentences(uri)).toEqual([]);
    expect(sentences({ ...ready, ...uri, ENABLE_OVH: 'false' })).toEqual([]);
  });
});
