import { generateKeyPairSync } from 'node:crypto';

import { ada } from './provider.gcp.harness.ts';
import { formMethodOnSandbox, redirectMethodOnSandbox } from './provider.harness.ts';

for (const method of ['authorization_code', 'authorization_code_readonly']) {
  redirectMethodOnSandbox(
    { provider: 'gcp', method },
    {
      account: ada.sub,
      person: ada.email,
      lifetimeSeconds: 3599,
      otherRedirectUri: { class: 'config', code: 'redirect_uri_mismatch' },
    },
  );
}

formMethodOnSandbox({ provider: 'gcp', method: 'service_account' }, async ({ gcp }) => {
  const file = await gcp.createKey();
  const otherKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const unknown = { ...file, private_key: otherKey.export({ type: 'pkcs8', format: 'pem' }) };
  return {
    account: '120000000000000000001',
    revocation: 'unsupported',
    submit: async () => ({ service_account_key: JSON.stringify(await gcp.createKey()) }),
    // Google answers "new" and "wrong" alike, so it is waited out.
    wrong: {
      fields: { service_account_key: JSON.stringify(unknown) },
      expected: { class: 'transient', code: 'key_not_known' },
    },
    async withdraw({ service_account_key }) {
      const key = JSON.parse(service_account_key as string) as typeof file;
      await gcp.deleteKey(key['client_email'] ?? '', key['private_key_id'] ?? '');
    },
  };
});
