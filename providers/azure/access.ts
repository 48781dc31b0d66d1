import type { Clock } from '../../platform/clock.ts';
import type { Http } from '../http/http.ts';
import { openRegion } from '../preconditions.ts';
import type { ProviderSettings, RegionSettings } from '../manifests/settings.ts';
import { createAzureClient, type AzureClient } from './client.ts';
import { unknownCloud } from './problems.ts';
import { createMintToken, type MintToken } from './client-secret/mint-token.ts';

/** One cloud of Microsoft's, as this installation is configured for it. */
export interface AzureRegion {
  readonly region: RegionSettings;
  readonly client: AzureClient;
  readonly mint: MintToken;
}

/** Throws `ProviderError` of class `config` where the cloud is unknown, or not ready for the method. */
export type OpenRegion = (regionId: string, methodId: string) => AzureRegion;

export function createOpenRegion(deps: { settings: ProviderSettings; http: Http; clock: Clock }): OpenRegion {
  return (regionId, methodId) => {
    const region = openRegion(deps.settings, regionId, methodId, unknownCloud);
    return { region, client: createAzureClient({ ...deps, region }), mint: createMintToken({ ...deps, region }) };
  };
}
