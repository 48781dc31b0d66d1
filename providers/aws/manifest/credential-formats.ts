import type { CredentialFormat, LeasedFields } from '../../manifests/types.ts';

/** A session as AWS's own tools read it from a program. */
export const credentialFormats: readonly CredentialFormat[] = [
  { id: 'credential_process', contentType: 'application/json', render: credentialProcess },
];

/** https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html */
function credentialProcess({ fields, expiresAt }: LeasedFields): string {
  const document = {
    Version: 1,
    AccessKeyId: fields['access_key_id'],
    SecretAccessKey: fields['secret_access_key'],
    SessionToken: fields['session_token'],
    ...(expiresAt !== null && { Expiration: expiresAt }),
  };
  return `${JSON.stringify(document)}\n`;
}
