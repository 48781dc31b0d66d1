import type { RegionManifest } from '../../manifests/types.ts';
import { serviceUrls } from './endpoints.ts';

/** A partition of AWS: the first part of every ARN in it. */
interface Partition {
  readonly id: string;
  readonly label: string;
  readonly variablePrefix: string;
  readonly defaultRegion: string;
  /** Of the services' endpoints. */
  readonly suffix: string;
  readonly console: string;
}

const partitions: readonly Partition[] = [
  {
    id: 'aws',
    label: 'AWS',
    variablePrefix: 'AWS',
    defaultRegion: 'us-east-1',
    suffix: 'amazonaws.com',
    console: 'https://console.aws.amazon.com',
  },
  {
    id: 'aws-cn',
    label: 'AWS China',
    variablePrefix: 'AWS_CN',
    defaultRegion: 'cn-north-1',
    suffix: 'amazonaws.com.cn',
    console: 'https://console.amazonaws.cn',
  },
  {
    id: 'aws-us-gov',
    label: 'AWS GovCloud (US)',
    variablePrefix: 'AWS_US_GOV',
    defaultRegion: 'us-gov-west-1',
    suffix: 'amazonaws.com',
    console: 'https://console.amazonaws-us-gov.com',
  },
];

export const regions: readonly RegionManifest[] = partitions.map(region);

function region({ id, label, variablePrefix: prefix, defaultRegion, suffix, console }: Partition): RegionManifest {
  return {
    id,
    label,
    urls: {
      sts: { url: `https://sts.{region}.${suffix}`, variable: `${prefix}_ENDPOINT_URL_STS` },
      ...serviceUrls(prefix, suffix),
      console: { url: console, variable: `${prefix}_CONSOLE_URL` },
    },
    settings: {
      accessKeyId: {
        names: [`${prefix}_ACCESS_KEY_ID`],
        description: `Access key ID of an IAM user in partition \`${id}\` that may call sts:AssumeRole.`,
      },
      secretAccessKey: {
        names: [`${prefix}_SECRET_ACCESS_KEY`],
        description: 'Secret access key of the same user.',
        secret: true,
      },
      sessionToken: {
        names: [`${prefix}_SESSION_TOKEN`],
        description: 'Session token, where the two keys above are temporary.',
        secret: true,
      },
      stsRegion: {
        names: id === 'aws' ? ['AWS_DEFAULT_REGION', 'AWS_REGION'] : [`${prefix}_DEFAULT_REGION`],
        description: `The region whose STS endpoint is used in partition \`${id}\`.`,
        default: defaultRegion,
      },
      workloadIdentity: {
        names: [`${prefix}_WORKLOAD_IDENTITY`],
        description: `Set to \`true\` where Mooring runs with a role of its own in partition \`${id}\` (EKS, ECS, EC2, a profile): the AWS SDK's default credential chain is used instead of the keys.`,
      },
      roleTemplateUrl: {
        names: [`${prefix}_ROLE_TEMPLATE_URL`],
        description:
          'S3 address that you uploaded `deploy/aws/mooring-role.yaml` to; gives customers a CloudFormation quick-create link.',
      },
    },
  };
}
