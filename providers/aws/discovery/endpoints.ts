import type { RegionSettings } from '../../manifests/settings.ts';
import type { ServiceRole } from '../manifest/endpoints.ts';

export type Service = ServiceRole;

/** The regions of a partition that no account can disable, and the one that answers for the account itself. */
interface PartitionRegions {
  readonly account: string;
  /** Those that every account has without asking for them. */
  readonly defaults: readonly string[];
}

const partitionRegions: Readonly<Record<string, PartitionRegions>> = {
  aws: {
    account: 'us-east-1',
    defaults: (
      'us-east-1 us-east-2 us-west-1 us-west-2 ca-central-1 sa-east-1 eu-central-1 eu-west-1 eu-west-2 eu-west-3 eu-north-1 ' +
      'ap-south-1 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-southeast-1 ap-southeast-2'
    ).split(' '),
  },
  'aws-cn': { account: 'cn-northwest-1', defaults: ['cn-north-1', 'cn-northwest-1'] },
  'aws-us-gov': { account: 'us-gov-west-1', defaults: ['us-gov-west-1', 'us-gov-east-1'] },
};

export const regionsOf = ({ manifest }: RegionSettings): PartitionRegions =>
  partitionRegions[manifest.id] ?? { account: '', defaults: [] };

/** Where sessions come from. It is asked for what belongs to the account as a whole: its regions and its buckets. */
export const homeRegionOf = ({ values }: RegionSettings): string => values['stsRegion'] ?? '';

export const endpointOf = ({ urls }: RegionSettings, service: Service, region: string): string =>
  (urls[service] ?? '').replaceAll('{region}', region);
