import { execFile } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, inject, test } from 'vitest';
import { systemClock } from '../../platform/clock.ts';
import { createKnownKeys } from '../../api/http/plugins/known-keys.ts';
import { Secret } from '../../platform/secret.ts';
import { operatorScopes } from '../../stores/api-key-scopes.ts';
import { createApiKeys } from '../../stores/api-keys.ts';
import { createVaultSecretStore } from '../../stores/secrets/vault.ts';
import { createTenants } from '../../stores/tenants.ts';
import { prepareVault } from './prepared-vault.ts';

const script = join(import.meta.dirname, '../../deploy/new-api-key.sh');
const vault = inject('components').vault;

describe.skipIf(vault === null)('deploy/new-api-key.sh on Vault', () => {
  async function prepare(more: Readonly<Record<string, string>> = {}) {
    if (vault === null) throw new Error('This suite needs Vault.');
    const prepared = await prepareVault(vault);
    const secrets = createVaultSecretStore({
      address: prepared.address,
      mount: prepared.mount,
      auth: await prepared.credentials('api'),
      clock: systemClock,
    });
    const env = {
      PATH: `${dirname(vault.path)}${delimiter}${process.env['PATH'] ?? ''}`,
      VAULT_ADDR: prepared.address,
      VAULT_TOKEN: await prepared.tokenOf('operator'),
      VAULT_MOUNT: prepared.mount,
      ...more,
    };
    const run = async (...args: string[]): Promise<string> =>
      (await promisify(execFile)('sh', [script, ...args], { env })).stdout.trim();
    const known = createKnownKeys({ apiKeys: createApiKeys({ secrets, clock: systemClock }), clock: systemClock });
    const verified = async (key: string) => {
      const verdict = await known.verify(new Secret(key), '192.0.2.1');
      return verdict.kind === 'good' ? verdict.apiKey : undefined;
    };
    return { run, verified, tenants: createTenants({ secrets }) };
  }

  test('the API accepts a key that an operator made, for exactly its tenant and scopes', async () => {
    const { run, verified, tenants } = await prepare();
    const key = await run('acme', 'Acme "Cloud" \\ Co', 'connections:read', 'credentials:read');
    expect(await verified(key)).toMatchObject({ tenant: 'acme', scopes: ['connections:read', 'credentials:read'] });
    expect(await tenants.read('acme')).toMatchObject({
      displayName: 'Acme "Cloud" \\ Co',
      platformRedirectUris: [],
      confirmsInvitations: true,
    });
  });

  test('a tenant is made that confirms no accounts only where the operator asks for that by name', async () => {
    const { run, tenants } = await prepare({ CONFIRMS_INVITATIONS: 'false' });
    await run('acme', 'Acme');
    expect(await tenants.read('acme')).toMatchObject({ confirmsInvitations: false });
    const { run: mistyped } = await prepare({ CONFIRMS_INVITATIONS: 'no' });
    await expect(mistyped('acme', 'Acme')).rejects.toMatchObject({
      stderr: expect.stringContaining('CONFIRMS_INVITATIONS is "no"') as string,
    });
  });

  test('a second key leaves the tenant and the first key as they were', async () => {
    const { run, verified, tenants } = await prepare();
    const first = await run('acme', 'Acme');
    const second = await run('acme', 'Somebody else', 'admin');
    expect(await verified(first)).toMatchObject({
      scopes: ['connections:read', 'connections:write', 'credentials:read'],
    });
    expect(await verified(second)).toMatchObject({ scopes: ['admin'] });
    expect((await tenants.read('acme'))?.displayName).toBe('Acme');
  });

  test('a key that an operator made expires after 90 days, or as --expires says', async () => {
    const { run, verified } = await prepare();
    const days = async (...args: string[]) => {
      const { createdAt = '', expiresAt } = (await verified(await run(...args))) ?? {};
      return expiresAt ? (Date.parse(expiresAt) - Date.parse(createdAt)) / 86_400_000 : expiresAt;
    };
    expect(await days('acme', 'Acme')).toBe(90);
    expect(await days('--expires', '7', 'acme', 'Acme')).toBe(7);
    expect(await days('--expires', 'never', 'acme', 'Acme')).toBeNull();
  });

  test('the API accepts an operator’s key that an operator made, which belongs to no tenant', async () => {
    const { run, verified } = await prepare();
    const key = await run('--operator', ...operatorScopes);
    expect(await verified(key)).toMatchObject({ tenant: null, scopes: operatorScopes });
  });

  test.for([
    ['an operator’s scope in a tenant’s key', ['acme', 'Acme', 'operator:decode'], 'for the key of a tenant'],
    ['a tenant’s scope in an operator’s key', ['--operator', 'admin'], 'for the key of an operator'],
    ['an operator’s key without a scope', ['--operator'], 'Usage: new-api-key.sh'],
    ['a lifetime that is no number', ['--expires', 'soon', 'acme', 'Acme'], '"--expires soon" is not valid'],
    ['an invalid tenant', ['Acme!', 'Acme'], 'The tenant "Acme!" is not valid'],
    ['an unknown scope', ['acme', 'Acme', 'everything'], 'There is no scope "everything"'],
    ['too few arguments', ['acme'], 'Usage: new-api-key.sh'],
  ] as const)('deploy/new-api-key.sh refuses %s with a sentence', async ([, args, sentence]) => {
    const { run } = await prepare();
    await expect(run(...args)).rejects.toMatchObject({ stderr: expect.stringContaining(sentence) as string });
  });
});
