import { createSandboxClient } from '../../sandbox/client.ts';
import { createSandbox, sandboxEnvironment } from '../../sandbox/sandbox.ts';
import { formMethodContract, type FormMethodHarness } from './provider.form.contract.ts';
import { ovhForm, ovhMethod, ovhRegion, withCloudAt } from './provider.ovh.harness.ts';

async function onSandbox(id: string) {
  const sandbox = createSandbox();
  const url = await sandbox.listen();
  const environment = sandboxEnvironment(url);
  const shared = {
    region: ovhRegion,
    manifest: ovhForm(id),
    account: 'la12345-ovh',
    method: ({ cloudUrl }: { cloudUrl?: string } = {}) => ovhMethod(id, withCloudAt(environment, cloudUrl)),
    close: () => sandbox.close(),
  };
  return { shared, cloud: createSandboxClient(url).ovh };
}

formMethodContract('OVHcloud API credentials, all three keys, on the sandbox', async (): Promise<FormMethodHarness> => {
  const { shared, cloud } = await onSandbox('api_credentials');
  return {
    ...shared,
    revocation: 'revoked',
    async submit() {
      const { applicationKey, applicationSecret, consumerKey } = await cloud.createKeys();
      return { application_key: applicationKey, application_secret: applicationSecret, consumer_key: consumerKey };
    },
    wrong: {
      fields: { application_secret: 'not-the-secret-of-this-key' },
      expected: { class: 'user', code: 'invalid_signature' },
    },
    withdraw: (record) => cloud.deleteConsumerKey(record['consumer_key'] as string),
  };
});

formMethodContract(
  'an OVHcloud service account that is there, on the sandbox',
  async (): Promise<FormMethodHarness> => {
    const { shared, cloud } = await onSandbox('client_credentials');
    return {
      ...shared,
      variant: 'existing',
      revocation: 'unsupported',
      async submit() {
        const { clientId, clientSecret } = await cloud.createServiceAccount();
        return { client_id: clientId, client_secret: clientSecret };
      },
      wrong: {
        fields: { client_secret: 'not-the-secret-of-this-account' },
        expected: { class: 'user', code: 'service_account_rejected' },
      },
      withdraw: (record) => cloud.deleteServiceAccount(record['client_id'] as string),
    };
  },
);

formMethodContract('an OVHcloud service account that is made, on the sandbox', async (): Promise<FormMethodHarness> => {
  const { shared, cloud } = await onSandbox('client_credentials');
  return {
    ...shared,
    variant: 'create',
    revocation: 'unsupported',
    async submit() {
      const { applicationKey, applicationSecret, consumerKey } = await cloud.createKeys();
      const projects = await cloud.projects();
      return {
        application_key: applicationKey,
        application_secret: applicationSecret,
        consumer_key: consumerKey,
        project_ids: projects.map(({ id }) => id).join(',\n'),
        access: 'read',
      };
    },
    wrong: {
      fields: { project_ids: '0'.repeat(32) },
      expected: { class: 'user', code: 'iam_policy_failed' },
    },
    withdraw: (record) => cloud.deleteServiceAccount(record['client_id'] as string),
  };
});
