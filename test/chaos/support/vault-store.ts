import { systemClock } from '../../../platform/clock.ts';
import { Secret } from '../../../platform/secret.ts';
import type { ProcessPlan } from '../../../scripts/dev/supervise.ts';
import { createVaultSecretStore } from '../../../stores/secrets/vault.ts';
import { prepareVault, type PreparedVault } from '../../contract/prepared-vault.ts';
import type { Components } from '../../support/components.ts';
import { startTcpProxy, type ProxyMode } from './tcp-proxy.ts';
import { startTestStack } from './test-stack.ts';
import type { TroubledStore } from './troubled-store.ts';

export const vaultTroubles = ['hangs', 'refuses', 'loses'] as const satisfies readonly ProxyMode[];

/** Real Vault, with the shipped policies for API and worker, and a proxy between Vault and the worker alone. */
export async function startOnVault(component: NonNullable<Components['vault']>): Promise<TroubledStore> {
  const vault = await prepareVault(component);
  const { address, mount } = vault;
  const { hostname, port } = new URL(address);
  const proxy = await startTcpProxy({ host: hostname, port: Number(port) });
  const beside = await besideRole(vault);
  const worker = await vault.credentials('worker');
  const api = await vault.credentials('api');

  const stack = await startTestStack(environmentOf(address, mount, beside), (plan) => ({
    ...plan,
    processes: {
      ...plan.processes,
      worker: withVault(plan.processes.worker, environmentOf(`http://127.0.0.1:${proxy.port}`, mount, worker)),
      api: withVault(plan.processes.api, environmentOf(address, mount, api)),
    },
  }));
  const secrets = createVaultSecretStore({ address, mount, auth: beside, clock: systemClock });
  return {
    stack,
    secrets,
    trouble(kind) {
      proxy.set(kind as ProxyMode);
      return () => proxy.set('passes');
    },
    async close() {
      await stack.stop();
      await secrets.close();
      await proxy.close();
    },
  };
}

type Role = Awaited<ReturnType<PreparedVault['credentials']>>;

/** Who makes the first API key and looks at what is stored: all three policies at once. */
async function besideRole({ mount, asRoot }: PreparedVault): Promise<Role> {
  const role = `auth/approle/role/${mount}-beside`;
  const policies = ['api', 'worker', 'operator'].map((name) => `${mount}-${name}`);
  await asRoot('POST', role, { token_policies: policies, token_no_default_policy: true });
  const data = async (method: string, path: string) => (await asRoot(method, `${role}/${path}`)).body['data'];
  const { role_id: roleId } = (await data('GET', 'role-id')) as { role_id: string };
  const { secret_id: secretId } = (await data('POST', 'secret-id')) as { secret_id: string };
  return { roleId, secretId: new Secret(secretId) };
}

const environmentOf = (address: string, mount: string, { roleId, secretId }: Role): Record<string, string> => ({
  VAULT_ADDR: address,
  VAULT_MOUNT: mount,
  VAULT_ROLE_ID: roleId,
  VAULT_SECRET_ID: secretId.reveal(),
});

const withVault = (process: ProcessPlan | null, variables: Record<string, string>): ProcessPlan | null =>
  process && { ...process, environment: { ...process.environment, ...variables } };
