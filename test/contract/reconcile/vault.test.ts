import { beforeAll, describe, expect, inject, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { prepareVault, type PreparedVault } from '../prepared-vault.ts';
import { startWorld, type World } from './world.ts';

const { temporal, vault: component } = inject('components');

describe.skipIf(temporal === null || component === null)('a reconciliation with the rights that setup.sh gives', () => {
  let vault: PreparedVault;
  let world: World;
  beforeAll(async () => {
    vault = await prepareVault(component!);
    const { roleId, secretId } = await vault.credentials('worker');
    world = await startWorld(temporal!.address, {
      VAULT_ADDR: vault.address,
      VAULT_MOUNT: vault.mount,
      VAULT_ROLE_ID: roleId,
      VAULT_SECRET_ID: secretId.reveal(),
    });
  });

  it('the Vault rights of setup.sh suffice to stop, recover and end a connection, and to read its access', async () => {
    const lived = await world.connect();
    const api = await vault.tokenOf('api');
    const status = async (name: string) =>
      (await vault.request(api, 'GET', `${vault.mount}/data/live/${lived.id}/${name}`)).status;
    expect(await status('access')).toBe(200);
    expect(await status('renewal')).toBe(403);

    await lived.handle.terminate();
    expect(await world.reconcile()).toMatchObject({ restarted: { stopped: 1 }, failed: 0 });
    expect(await status('access')).toBe(404);
    await lived.send('recover');
    expect(await status('access')).toBe(200);

    await world.cloud.fault({ endpoint: 'revoke' }, { kind: 'respond', status: 503 }, null);
    await lived.send('disconnect');
    await eventually('it to be retired', async () => (await lived.stored()).revoking.includes('renewal'));
    await lived.handle.terminate();
    expect(await world.reconcile()).toMatchObject({ restarted: { disconnecting: 1 }, failed: 0 });
    await world.cloud.clearFaults();
    expect(await lived.handle.result()).toMatchObject({ revocation: { outcome: 'revoked' } });
    expect(await lived.stored()).toEqual({ live: [], revoking: [], pending: [] });
  });
});
