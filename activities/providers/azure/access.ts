import type { Clock } from '../../../platform/clock.ts';
import type { Http } from '../http.ts';
import { ProviderError } from '../provider.ts';
import { missingFor, type ProviderSettings, type RegionSettings } from '../settings.ts';
import { createAzureClient, type AzureClient } from './client.ts';
import { unknownCloud } from './problems.ts';
import { createMintToken, type MintToken } from './service-principal.ts';

/** One cloud of Microsoft's, as this installation is configured for it. */
export interface AzureRegion {
  readonly region: RegionSettings;
  readonly client: AzureClient;
  readonly mint: MintToken;
}

/** Throws {@link ProviderError} of class `config` where the cloud is unknown, or not ready for the method. */
export type OpenRegion = (regionId: string, methodId: string) => AzureRegion;

export function createOpenRegion(deps: { settings: ProviderSettings; http: Http; clock: Clock }): OpenRegion {
  const { settings } = deps;
  return (regionId, methodId) => {
    const region = settings.regions.get(regionId);
    const method = settings.manifest.methods.find(({ id }) => id === methodId);
    if (!region) throw config(unknownCloud(regionId, [...settings.regions.keys()]));
    const missing = method && missingFor(settings, region, method);
    if (missing) throw config(missing);
    return { region, client: createAzureClient({ ...deps, region }), mint: createMintToken({ ...deps, region }) };
  };
}

const config = (problem: ProviderError['problem']) =>
  new ProviderError({ class: 'config', problem, delivery: 'not_sent' });
