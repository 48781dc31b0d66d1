import { missingFor, type ProviderSettings, type RegionSettings } from '../manifests/settings.ts';
import { classified } from '../http/classify.ts';
import { notConfigured } from '../http/unsent.ts';
import { createAwsClient, type AwsClient, type Caller } from './client.ts';
import { awsClassifier, unknownPartition } from './errors.ts';
import { createStsFactory, type WorkloadCredentials } from './sts.ts';
import { credentialsMissing } from './variables.ts';

/** One partition, as this installation is known there. */
export interface PartitionAccess {
  readonly region: RegionSettings;
  readonly client: AwsClient;
  /** Who we are there. Asked once: the account of a process does not change. Throws `ProviderError`. */
  ourselves(signal: AbortSignal): Promise<Caller>;
}

/** Throws `ProviderError` of class `config` where the partition is unknown or not configured. */
export type OpenPartition = (regionId: string) => PartitionAccess;

export function createOpenPartition(deps: {
  settings: ProviderSettings;
  workload: WorkloadCredentials;
  deadlineMs: number;
}): OpenPartition {
  const { settings, workload, deadlineMs } = deps;
  const opened = new Map<string, PartitionAccess>();
  const method = settings.manifest.methods[0];

  return (regionId) => {
    const region = settings.regions.get(regionId);
    if (!region) throw notConfigured(unknownPartition(regionId, [...settings.regions.keys()]));
    const missing = method && missingFor(settings, region, method);
    if (missing?.code === 'connector_disabled') throw notConfigured(missing);
    if (missing) throw notConfigured(credentialsMissing(region.manifest));
    let access = opened.get(regionId);
    if (!access) opened.set(regionId, (access = open(region)));
    return access;
  };

  function open(region: RegionSettings): PartitionAccess {
    const client = createAwsClient({ sts: createStsFactory({ region, workload }), deadlineMs });
    let known: Caller | undefined;
    return {
      region,
      client,
      ourselves: async (signal) =>
        await classified(awsClassifier('ourselves', region), async () => (known ??= await client.caller(signal))),
    };
  }
}
