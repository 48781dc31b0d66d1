import type { ProviderManifest, RegionManifest } from '../manifests/types.ts';
import { credentialFormats } from './manifest/credential-formats.ts';
import { roleGuide } from './manifest/guide.ts';
import { partitions, type Partition } from './manifest/regions.ts';

/** Amazon Web Services. Its partitions share nothing: each has accounts, credentials and endpoints of its own. */
export const manifest: ProviderManifest = {
  id: 'aws',
  name: 'Amazon Web Services',
  enableVariables: ['ENABLE_AWS', 'NEXT_PUBLIC_ENABLE_AWS'],
  regionWord: 'partition',
  regions: partitions.map(region),
  methods: [
    {
      id: 'role',
      flow: 'form',
      name: 'IAM role with external ID',
      asks: 'A role in your AWS account that Mooring alone may assume, with read-only or power-user access, until you delete it.',
      requires: ['accessKeyId', 'secretAccessKey'],
      requiresUnless: 'workloadIdentity',
      rotatesRefreshTokens: false,
      discovers: false,
      identity: ['accountId'],
      minted: ['externalId'],
      guide: roleGuide,
      leased: ['access_key_id', 'secret_access_key', 'session_token'],
      credentialFormats,
      fields: [
        {
          name: 'role_arn',
          label: 'Role ARN',
          hint: 'Of the role that you made for Mooring, e.g. arn:aws:iam::111122223333:role/mooring.',
          secret: false,
          required: true,
          // The classes are escaped for the `v` flag too: browsers compile a field's pattern with it.
          pattern: '^arn:aws(-cn|-us-gov)?:iam::\\d{12}:role\\/[\\w+=,.@\\/\\-]{1,512}$',
        },
        {
          name: 'duration_seconds',
          label: 'Session length in seconds',
          hint: 'From 900 to 3600; 3600 where left empty. AWS gives no longer one to a role that a role assumes.',
          secret: false,
          required: false,
          pattern: '^(9\\d{2}|[12]\\d{3}|3[0-5]\\d{2}|3600)$',
        },
        {
          name: 'session_policy',
          label: 'Session policy',
          hint: 'An IAM policy document (JSON, up to 2,048 characters) that narrows what each session may do.',
          secret: false,
          required: false,
          multiline: true,
        },
      ],
    },
  ],
};

function region({ id, label, variablePrefix: prefix, defaultRegion, sts, console }: Partition): RegionManifest {
  return {
    id,
    label,
    urls: {
      sts: { url: sts, variable: `${prefix}_ENDPOINT_URL_STS` },
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
