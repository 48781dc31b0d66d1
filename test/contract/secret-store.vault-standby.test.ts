import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Secret } from '../../platform/secret.ts';
import { SecretStoreUnavailable, type SecretStore } from '../../stores/secrets/port.ts';
import { createVaultSecretStore } from '../../stores/secrets/vault.ts';
import { startVaultCluster, type VaultCluster } from '../support/servers/vault-cluster.ts';
import { eventually } from '../support/eventually.ts';
import { createManualClock } from './manual-clock.ts';
import { prepareVault } from './prepared-vault.ts';
import { secretStoreContract } from './secret-store.contract.ts';

const { vault: component } = inject('components');
const WITHIN_MS = 60_000;

describe.skipIf(component === null)('the secret store on a standby of Vault', { timeout: 120_000 }, () => {
  let cluster: VaultCluster;
  let open: (address: string) => SecretStore;
  let standby: string;
  beforeAll(async () => {
    cluster = await startVaultCluster(component!.path);
    const active = await cluster.active();
    standby = cluster.nodes.find((node) => node !== active)?.address ?? '';
    const { rootToken } = cluster;
    const prepared = await prepareVault({ address: active.address, rootToken, path: component!.path });
    const auth = await prepared.credentials('worker');
    open = (address) => createVaultSecretStore({ address, mount: prepared.mount, auth, clock: createManualClock() });
  }, 180_000);
  afterAll(async () => await cluster.stop());

  secretStoreContract(async () => open(standby));

  it('a write that is refused while the active node changes has changed nothing, and succeeds soon after', async () => {
    const store = open(standby);
    const key = `con_${randomUUID()}/renewal`;
    await store.write('live', key, new Secret({ n: 0 }), { cas: 0 });
    await cluster.stepDown();
    let tries = 0;
    const written = async () => {
      tries += 1;
      const before = await store.read('live', key);
      await store.write('live', key, new Secret({ n: tries }), { cas: before?.version ?? 0 });
      return true;
    };
    await eventually('a write after the step-down', written, WITHIN_MS);
    expect((await store.read('live', key))?.data.reveal()).toEqual({ n: tries });
    await store.close();
  });

  it('when the active node is killed, calls fail as unavailable at first and then go on with the next one', async () => {
    const killed = await cluster.active();
    const survivor = cluster.nodes.find((node) => node !== killed);
    const store = open(survivor?.address ?? '');
    const key = `con_${randomUUID()}/renewal`;
    const isServing = async () =>
      await store.read('live', key).then(
        () => true,
        () => false,
      );
    // The nodes may still be settling after the change of the test before.
    await eventually('the active node to serve', isServing, WITHIN_MS);
    await store.write('live', key, new Secret({ n: 1 }), { cas: 0 });
    await killed.kill();
    const errors: unknown[] = [];
    const read = async () => await store.read('live', key).catch((error: unknown) => void errors.push(error));
    await eventually('a read after the failover', async () => (await read())?.data.reveal()['n'] === 1, WITHIN_MS);
    for (const error of errors) expect(error).toBeInstanceOf(SecretStoreUnavailable);
    expect(await store.write('live', key, new Secret({ n: 2 }), { cas: 1 })).toBe(2);
    await store.close();
  });
});
