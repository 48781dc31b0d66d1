import type { ProviderManifest } from '../manifests/types.ts';
import { roleBatch } from './manifest/batch.ts';
import { credentialFormats } from './manifest/credential-formats.ts';
import { discovery } from './manifest/discovery.ts';
import { roleGuide } from './manifest/guide.ts';
import { regions } from './manifest/regions.ts';

/** In characters; https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
export const LONGEST_SESSION_POLICY = 2_048;

/** Amazon Web Services. Its partitions share nothing: each has accounts, credentials and endpoints of its own. */
export const manifest: ProviderManifest = {
  id: 'aws',
  name: 'Amazon Web Services',
  enableVariables: ['ENABLE_AWS', 'NEXT_PUBLIC_ENABLE_AWS'],
  regionWord: 'partition',
  requestIdHeaders: ['x-amzn-requestid', 'x-amz-request-id'],
  discovery,
  regions,
  methods: [
    {
      id: 'role',
      flow: 'form',
      name: 'IAM role with external ID',
      asks: 'A role in your AWS account that Mooring alone may assume, with read-only or power-user access, until you delete it.',
      requires: ['accessKeyId', 'secretAccessKey'],
      requiresUnless: 'workloadIdentity',
      rotatesRefreshTokens: false,
      discovers: true,
      identity: ['accountId'],
      minted: ['externalId'],
      guide: roleGuide,
      batch: roleBatch,
      leased: ['access_key_id', 'secret_access_key', 'session_token'],
      credentialFormats,
      variables: {
        AWS_ACCESS_KEY_ID: 'access_key_id',
        AWS_SECRET_ACCESS_KEY: 'secret_access_key',
        AWS_SESSION_TOKEN: 'session_token',
        AWS_CREDENTIAL_EXPIRATION: 'expiresAt',
      },
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
          maxLength: LONGEST_SESSION_POLICY,
        },
      ],
    },
  ],
};
