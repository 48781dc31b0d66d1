import { formMethodOnSandbox } from './provider.harness.ts';

formMethodOnSandbox({ provider: 'ovh', method: 'api_credentials' }, ({ ovh }) => ({
  account: 'la12345-ovh',
  revocation: 'revoked',
  async submit() {
    const { applicationKey, applicationSecret, consumerKey } = await ovh.createKeys();
    return { application_key: applicationKey, application_secret: applicationSecret, consumer_key: consumerKey };
  },
  wrong: {
    fields: { application_secret: 'not-the-secret-of-this-key' },
    expected: { class: 'user', code: 'invalid_signature' },
  },
  withdraw: (record) => ovh.deleteConsumerKey(record['consumer_key'] as string),
}));

formMethodOnSandbox({ provider: 'ovh', method: 'client_credentials', variant: 'existing' }, ({ ovh }) => ({
  account: 'la12345-ovh',
  revocation: 'unsupported',
  async submit() {
    const { clientId, clientSecret } = await ovh.createServiceAccount();
    return { client_id: clientId, client_secret: clientSecret };
  },
  wrong: {
    fields: { client_secret: 'not-the-secret-of-this-account' },
    expected: { class: 'user', code: 'service_account_rejected' },
  },
  withdraw: (record) => ovh.deleteServiceAccount(record['client_id'] as string),
}));

formMethodOnSandbox({ provider: 'ovh', method: 'client_credentials', variant: 'create' }, ({ ovh }) => ({
  account: 'la12345-ovh',
  revocation: 'unsupported',
  async submit() {
    const { applicationKey, applicationSecret, consumerKey } = await ovh.createKeys();
    const projects = await ovh.projects();
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
  withdraw: (record) => ovh.deleteServiceAccount(record['client_id'] as string),
}));
