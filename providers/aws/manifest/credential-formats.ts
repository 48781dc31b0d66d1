import type { CredentialFormat, LeasedFields } from '../../manifests/types.ts';

/** A session as AWS's own tools read it, besides the API's JSON. */
export const credentialFormats: readonly CredentialFormat[] = [
  { id: 'credential_process', contentType: 'application/json', render: credentialProcess },
  { id: 'environment', contentType: 'text/plain; charset=utf-8', render: environmentLines },
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

/** For `eval` in a shell, or an `env` file. */
function environmentLines({ fields, expiresAt }: LeasedFields): string {
  const variables = {
    AWS_ACCESS_KEY_ID: fields['access_key_id'],
    AWS_SECRET_ACCESS_KEY: fields['secret_access_key'],
    AWS_SESSION_TOKEN: fields['session_token'],
    AWS_CREDENTIAL_EXPIRATION: expiresAt ?? undefined,
  };
  return Object.entries(variables)
    .flatMap(([name, value]) => (value === undefined ? [] : [`export ${name}=${quoted(value)}\n`]))
    .join('');
}

/** A session token is AWS's to shape: it must not end the quotes. */
const quoted = (value: string): string => `'${value.replaceAll("'", String.raw`'\''`)}'`;
