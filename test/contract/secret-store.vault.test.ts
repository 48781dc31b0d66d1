import { randomUUID } from 'node:crypto';

import { beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';

import { createLogger } from '../../platform/logger.ts';
import { Secret } from '../../platform/secret.ts';
import { SecretStoreUnavailable } from '../../stores/secrets/port.ts';
import { createVaultSecretStore } from '../../stores/secrets/vault.ts';
import { startVault } from '../support/servers/vault.ts';
import { createManualClock } from './manual-clock.ts';
import { prepareVault, type PreparedVault } from './prepared-vault.ts';
import { createRecordingTransport } from './recording-transport.ts';
import { secretStoreContract } from './secret-store.contract.ts';

const { vault: component } = inject('components');

describe.skipIf(component === null)('the secret store on Vault', () => {
  let vault: PreparedVault;
  beforeAll(async () => {
    vault = await prepareVault(component!);
  });

  /** A worker's store, whose clock and requests the test controls. */
  const openStore = async (overrides: { mount?: string; secretId?: Secret<string> } = {}) => {
    const clock = createManualClock();
    const wire = createRecordingTransport();
    const logged: string[] = [];
    const logger = createLogger('test', 'debug', { write: (line) => void logged.push(line) });
    const auth = { ...(await vault.credentials('worker')), ...overrides };
    const { address, mount } = { ...vault, ...overrides };
    const store = createVaultSecretStore({ address, mount, auth, clock, logger, transport: wire.transport });
    onTestFinished(async () => await store.close());
    return { store, clock, wire, logged };
  };
  const value = new Secret({ n: 1 });
  const newKey = () => `con_${randomUUID()}/renewal`;
  const failureOf = async (promise: Promise<unknown>) =>
    await promise.then(
      () => undefined,
      (error: unknown) => error,
    );

  secretStoreContract(async () => {
    const auth = await vault.credentials('worker');
    return createVaultSecretStore({ address: vault.address, mount: vault.mount, auth, clock: createManualClock() });
  });

  it('pruning destroys the older versions in Vault, so that they can no longer be read', async () => {
    const { store } = await openStore();
    const key = `con_${randomUUID()}/ref`;
    await store.write('pending', key, new Secret({ consumer_key: 'needed once' }));
    await store.write('pending', key, value, { cas: 1 });
    const old = () => vault.request(component!.rootToken, 'GET', `${vault.mount}/data/pending/${key}?version=1`);
    expect((await old()).status, 'Vault keeps it by itself').toBe(200);
    await store.prune('pending', key, 2);
    expect(await old()).toMatchObject({ status: 404, body: { data: { data: null, metadata: { destroyed: true } } } });
  });

  it('the Vault store logs in once for fifty concurrent callers', async () => {
    const { store, wire } = await openStore();
    await Promise.all(Array.from({ length: 50 }, async () => await store.ping()));
    expect(wire.count('/auth/approle/login')).toBe(1);
  });

  it('the Vault store replaces a revoked token by one login for all callers', async () => {
    const { store, wire } = await openStore();
    const key = newKey();
    await store.write('live', key, value);
    await vault.asRoot('POST', 'auth/token/revoke', { token: wire.lastToken() });

    const writes = Array.from({ length: 20 }, async () => await store.write('live', key, value));
    expect((await Promise.all(writes)).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n + 2));
    expect(wire.count('/auth/approle/login')).toBe(2);
  });

  it('the Vault store renews its token once half of its lifetime is over, and not before', async () => {
    const { store, clock, wire, logged } = await openStore();
    await store.ping();
    const token = wire.lastToken();
    clock.advance(29 * 60);
    await store.ping();
    expect(wire.count('/auth/token/renew-self')).toBe(0);

    clock.advance(2 * 60);
    await Promise.all([store.ping(), store.ping(), store.ping()]);
    await expect.poll(() => logged.filter((line) => line.includes('Renewed the Vault token'))).toHaveLength(1);
    expect(wire.count('/auth/token/renew-self')).toBe(1);
    // Without the renewal the token would have expired by now, by this clock.
    clock.advance(29 * 60);
    await store.ping();
    expect(wire.lastToken()).toBe(token);
    expect(wire.count('/auth/approle/login')).toBe(1);
  });

  it('the Vault store logs in again after it was idle for longer than its token lives', async () => {
    const { store, clock, wire } = await openStore();
    await store.ping();
    clock.advance(61 * 60);
    await store.ping();
    expect(wire.count('/auth/approle/login')).toBe(2);
    expect(wire.count('/auth/token/renew-self')).toBe(0);
  });

  it('the Vault store logs in again where a renewal is cut short by the maximum lifetime of its role', async () => {
    const { store, clock, wire } = await openStore();
    await store.ping();
    const role = `auth/approle/role/${vault.mount}-worker`;
    await vault.asRoot('POST', role, { token_ttl: '60s', token_max_ttl: '60s' });
    onTestFinished(async () => void (await vault.asRoot('POST', role, { token_ttl: '1h', token_max_ttl: '24h' })));

    clock.advance(31 * 60);
    await store.ping();
    await expect.poll(() => wire.count('/auth/approle/login')).toBe(2);
    expect(wire.count('/auth/token/renew-self')).toBe(1);
  });

  it('the Vault store revokes its token when it is closed', async () => {
    const { store, wire } = await openStore();
    await store.ping();
    const token = wire.lastToken();
    await store.close();
    expect((await vault.request(token, 'GET', `${vault.mount}/data/config/key-check`)).status).toBe(403);
  });

  it('Vault keeps only two versions of a key, so that spent tokens do not pile up', async () => {
    const { store } = await openStore();
    const key = newKey();
    for (let n = 1; n <= 5; n++) await store.write('live', key, new Secret({ n }));
    const { body } = await vault.asRoot('GET', `${vault.mount}/metadata/live/${key}`);
    expect(Object.keys((body['data'] as { versions: object }).versions)).toEqual(['4', '5']);
  });

  it('destroying a key in Vault destroys every version, not only the newest', async () => {
    const { store } = await openStore();
    const key = newKey();
    await store.write('live', key, value);
    await store.write('live', key, value);
    await store.destroy('live', key);
    for (const path of [`metadata/live/${key}`, `data/live/${key}?version=1`, `data/live/${key}?version=2`]) {
      await expect(vault.asRoot('GET', `${vault.mount}/${path}`)).rejects.toThrow('404');
    }
  });

  it('a key whose newest version an operator deleted in Vault reads as empty', async () => {
    const { store } = await openStore();
    const key = newKey();
    await store.write('live', key, value);
    await vault.asRoot('DELETE', `${vault.mount}/data/live/${key}`);
    expect(await store.read('live', key)).toBeUndefined();
  });

  it('a missing Vault mount is an unavailable store, never a missing credential', async () => {
    const { store } = await openStore({ mount: `${vault.mount}-gone` });
    await vault.asRoot('PUT', `sys/policies/acl/${vault.mount}-gone`, {
      policy: `path "${vault.mount}-gone/*" { capabilities = ["read", "create", "update"] }`,
    });
    const role = `auth/approle/role/${vault.mount}-worker`;
    const policies = [`${vault.mount}-worker`];
    await vault.asRoot('POST', role, { token_policies: [...policies, `${vault.mount}-gone`] });
    onTestFinished(async () => void (await vault.asRoot('POST', role, { token_policies: policies })));

    const error = await failureOf(store.read('live', newKey()));
    expect(error).toBeInstanceOf(SecretStoreUnavailable);
    expect(error).toMatchObject({ message: expect.stringContaining('VAULT_MOUNT') as string });
    await expect(store.list('pending', '')).rejects.toThrow(SecretStoreUnavailable);
  });

  it('the error of a refused Vault login names the variable and does not quote the secret id', async () => {
    const { store } = await openStore({ secretId: new Secret('canary-secret-id') });
    const error = await failureOf(store.write('live', newKey(), value));
    expect(error).toBeInstanceOf(SecretStoreUnavailable);
    expect(error).toMatchObject({ ambiguous: false, message: expect.stringContaining('VAULT_SECRET_ID') as string });
    expect(String(error)).not.toContain('canary');
  });

  it('the Vault store is unavailable, not ambiguous, where its policy refuses, and does not log in each time', async () => {
    const { store, clock, wire } = await openStore();
    for (let call = 1; call <= 5; call++) {
      const error = await failureOf(store.write('config', 'tenants/acme', value));
      expect(error).toBeInstanceOf(SecretStoreUnavailable);
      expect(error).toMatchObject({ ambiguous: false, message: expect.stringContaining('deploy/vault') as string });
    }
    expect(wire.count('/auth/approle/login')).toBe(1);

    // The token may be the cause after all (an older Vault does not say so): one login is tried from time to time.
    clock.advance(10);
    await failureOf(store.write('config', 'tenants/acme', value));
    expect(wire.count('/auth/approle/login')).toBe(2);
  });

  it('the Vault store is unavailable, not ambiguous, while Vault is sealed', async () => {
    const own = await startVault(component!.path);
    onTestFinished(own.stop);
    const sealable = await prepareVault(own);
    const auth = await sealable.credentials('worker');
    const { address, mount } = sealable;
    const store = createVaultSecretStore({ address, mount, auth, clock: createManualClock() });
    await store.write('live', 'con_a/renewal', value);

    await sealable.asRoot('PUT', 'sys/seal');
    const calls = [store.write('live', 'con_a/renewal', value), store.read('live', 'con_a/renewal'), store.ping()];
    for (const error of await Promise.all(calls.map(failureOf))) {
      expect(error).toBeInstanceOf(SecretStoreUnavailable);
      expect(error).toMatchObject({ ambiguous: false, message: expect.stringContaining('unseal it') as string });
    }
  });
});
