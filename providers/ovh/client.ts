import type { Clock } from '../../platform/clock.ts';
import { Secret } from '../../platform/secret.ts';
import type { Account } from '../../contracts/connection.ts';
import type { Http } from '../http/http.ts';
import { createOAuthClient, type OAuthClient } from '../oauth/oauth.ts';
import type { ProviderSettings, RegionSettings } from '../manifests/settings.ts';
import { accountOf, createOvhApi } from './api.ts';
import { authorizationServer, openRegion } from './region.ts';
import { bearer } from './signature.ts';

/** One region of OVHcloud, as this installation is registered there. */
export interface OvhClient {
  readonly region: RegionSettings;
  readonly clientId: string;
  readonly oauth: OAuthClient;
  /** Whose credential it is. Throws what the API answered when it is not a valid one. */
  account(accessToken: Secret<string>, signal: AbortSignal): Promise<Account>;
}

/** The client of a region. Throws {@link ProviderError} of class `config` where it is unknown or not configured. */
export function ovhClientFor(
  deps: { settings: ProviderSettings; http: Http; clock: Clock },
  regionId: string,
  methodId: string,
): OvhClient {
  const { settings, http, clock } = deps;
  const region = openRegion(settings, regionId, methodId);
  // That both are set, the manifest demands of whoever opens the region.
  const { clientId = '' } = region.values;
  const { clientSecret = new Secret('') } = region.secrets;
  const server = authorizationServer(region, { clientId, clientSecret });
  return {
    region,
    clientId,
    oauth: createOAuthClient({ server, http, clock }),
    account: (token, signal) => accountOf(createOvhApi({ http, clock }, region, bearer(token)), signal),
  };
}
