import { generateKeyPairSync } from 'node:crypto';

import type { JsonObject } from '../../platform/json.ts';
import { createSandboxClient } from '../../sandbox/client.ts';
import { createSandbox, sandboxEnvironment } from '../../sandbox/sandbox.ts';
import { redirectMethodContract } from './provider.contract.ts';
import { formMethodContract } from './provider.form.contract.ts';
import { ada, gcpHarness, gcpManifest, gcpMethod, gcpRegion, gcpScopes } from './provider.gcp.harness.ts';

for (const id of ['authorization_code', 'authorization_code_readonly']) {
  redirectMethodContract(
    `Google Cloud, ${id}, on the sandbox`,
    async () => {
      const sandbox = createSandbox();
      const url = await sandbox.listen();
      const cloud = createSandboxClient(url);
      return gcpHarness(id, {
        environment: sandboxEnvironment(url),
        decide: (authorizeUrl) => cloud.decide(authorizeUrl, { account: ada.email }),
        close: () => sandbox.close(),
      });
    },
    {
      scopes: gcpScopes(id),
      lifetimeSeconds: 3599,
      otherRedirectUri: { class: 'config', code: 'redirect_uri_mismatch' },
      keepsRefreshTokens: true,
      revokesForAnybody: true,
    },
  );
}

formMethodContract('Google Cloud, service account, on the sandbox', async () => {
  const sandbox = createSandbox();
  const url = await sandbox.listen();
  const cloud = createSandboxClient(url);
  const environment = sandboxEnvironment(url);
  const manifest = gcpManifest('service_account');
  if (manifest.flow !== 'form') throw new Error('A service account is submitted by a form.');
  const file = await cloud.gcp.createKey();
  const otherKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const unknown = { ...file, private_key: otherKey.export({ type: 'pkcs8', format: 'pem' }) };
  const addresses = ['GCP_TOKEN_URL', 'GCP_REVOKE_URL', 'GCP_USERINFO_URL', 'GCP_RESOURCE_MANAGER_URL'];

  return {
    region: gcpRegion,
    manifest,
    account: '120000000000000000001',
    revocation: 'unsupported',
    method: ({ cloudUrl } = {}) => {
      const moved = addresses.map((name) => [name, cloudUrl ?? environment[name]]);
      return gcpMethod({ ...environment, ...Object.fromEntries(moved) }, 'service_account');
    },
    submit: async () => ({ service_account_key: JSON.stringify(await cloud.gcp.createKey()) }),
    // Google answers "new" and "wrong" alike, so it is waited out.
    wrong: {
      fields: { service_account_key: JSON.stringify(unknown) },
      expected: { class: 'transient', code: 'key_not_known' },
    },
    async withdraw({ service_account_key }: JsonObject) {
      const { client_email: email = '', private_key_id: id = '' } = JSON.parse(
        service_account_key as string,
      ) as typeof file;
      await cloud.gcp.deleteKey(email, id);
    },
    close: () => sandbox.close(),
  };
});
