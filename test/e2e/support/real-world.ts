import { execFile } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ownEnvironment } from '../../../platform/config/own-environment.ts';
import { KeyRing } from '../../../platform/key-ring.ts';
import { manifests } from '../../../providers/manifests/all.ts';
import { cloudVariables } from '../../../providers/manifests/settings.ts';
import { anyFreePort } from '../../../scripts/dev/ports.ts';
import { createSandbox, sandboxEnvironment } from '../../../sandbox/sandbox.ts';
import { makeNamespace } from '../../support/namespace.ts';
import { prepareVault } from '../../contract/prepared-vault.ts';
import type { Components } from '../../support/components.ts';
import { startProductionProcess, type ProductionProcess } from './production-process.ts';
import { inspectVault } from './inspect-vault.ts';
import { redisTraces } from './redis-traces.ts';
import type { World } from './world.ts';

export interface RealWorld extends World {
  /** What the process was started with; a test may start another one like it. */
  environmentOf(name: 'api' | 'worker'): Readonly<Record<string, string>>;
  /**
   * Deploys one of the two anew, with these variables changed. The new worker is up before the old one is stopped; the
   * API, which keeps its port, answers nobody for a moment.
   */
  redeploy(name: 'api' | 'worker', changes: Readonly<Record<string, string>>): Promise<void>;
  /** From now on the worker can read what renews this connection but not write it, until the returned function is called. */
  withholdRecord(connection: string): Promise<() => Promise<void>>;
}

interface RealComponents {
  readonly temporal: NonNullable<Components['temporal']>;
  readonly vault: NonNullable<Components['vault']>;
  readonly redis: NonNullable<Components['redis']>;
}

/** The components, where all that production needs is on this machine. */
export function realComponents({ temporal, vault, redis }: Components): RealComponents | null {
  return temporal && vault && redis ? { temporal, vault, redis } : null;
}

/**
 * Production: `api` and `worker` started by themselves, Vault with the shipped policies and an AppRole for each, Redis,
 * a Temporal server; the tenant and its key made by the operator's script.
 */
export async function startRealWorld(
  components: RealComponents,
  options: { readonly build?: string; readonly redisDatabase: number },
): Promise<RealWorld> {
  const sandbox = createSandbox();
  const vault = await prepareVault(components.vault);
  const namespace = await makeNamespace(components.temporal.address);
  const redisUrl = `${components.redis.url}/${options.redisDatabase}`;
  const [port, metricsPort] = [await anyFreePort(), await anyFreePort()];
  const api = `http://127.0.0.1:${port}`;
  const sandboxUrl = await sandbox.listen();
  const keys = KeyRing.generate();

  const shared = {
    PATH: process.env['PATH'] ?? '',
    TEMPORAL_ADDRESS: components.temporal.address,
    TEMPORAL_NAMESPACE: namespace,
    VAULT_ADDR: vault.address,
    VAULT_MOUNT: vault.mount,
    REDIS_URL: redisUrl,
    MOORING_KEYS: keys,
    MOORING_ALLOW: 'http-public-url,http-vault,redis-without-password,redis-without-tls',
    ...sandboxEnvironment(sandboxUrl),
  };
  const own = (name: 'api' | 'worker') => ownEnvironment(name, shared, cloudVariables(manifests));
  const signIn = async (name: 'api' | 'worker') => {
    const { roleId, secretId } = await vault.credentials(name);
    return { VAULT_ROLE_ID: roleId, VAULT_SECRET_ID: secretId.reveal() };
  };
  const environments: Record<'api' | 'worker', Readonly<Record<string, string>>> = {
    worker: { ...own('worker'), ...(await signIn('worker')), METRICS_PORT: String(metricsPort) },
    api: { ...own('api'), ...(await signIn('api')), PORT: String(port), PUBLIC_URL: api },
  };

  const { build } = options;
  const started: { readonly name: 'api' | 'worker'; readonly process: ProductionProcess }[] = [];
  const running = new Map<'api' | 'worker', ProductionProcess>();
  const start = async (name: 'api' | 'worker'): Promise<void> => {
    const process = startProductionProcess({ name, build }, environments[name]);
    started.push({ name, process });
    running.set(name, process);
    const health = `http://127.0.0.1:${environments.worker['METRICS_PORT']}/healthz`;
    await process.ready(name === 'api' ? `${api}/readyz` : health);
  };
  const stop = async (): Promise<void> => {
    await Promise.all(started.map(async ({ process }) => await process.stop()));
    await sandbox.close();
  };
  try {
    // The first worker proves the key ring; an API that is there before it waits.
    await Promise.all([start('worker'), start('api')]);
    const asOperator = {
      VAULT_ADDR: vault.address,
      VAULT_MOUNT: vault.mount,
      VAULT_TOKEN: await vault.tokenOf('operator'),
    };
    const apiKey = await newApiKey(components.vault.path, asOperator);
    const decodingKey = await runNewApiKey(components.vault.path, asOperator, '--operator', 'operator:decode');
    return {
      running: { api, apiKey, sandbox: sandboxUrl },
      temporal: { address: components.temporal.address, namespace },
      codecFlags: ['--codec-endpoint', `${api}/codec`, '--codec-auth', `Bearer ${decodingKey}`],
      keyRing: KeyRing.parse(keys),
      secrets: inspectVault(vault),
      ephemeral: async () => await redisTraces(redisUrl),
      logs: async () => started.map(({ name, process }) => ({ place: name, bytes: Buffer.from(process.output()) })),
      async withholdSecrets() {
        const policy = `sys/policies/acl/${vault.mount}-worker`;
        const readOnly = `path "${vault.mount}/data/*" { capabilities = ["read"] }`;
        await vault.asRoot('PUT', policy, { policy: readOnly });
        return async () => void (await vault.setup());
      },
      async withholdRecord(connection) {
        const policy = `sys/policies/acl/${vault.mount}-worker`;
        const shipped = (await vault.asRoot('GET', policy)).body['data'] as { policy: string };
        const record = `path "${vault.mount}/data/live/${connection}/renewal" { capabilities = ["read"] }`;
        await vault.asRoot('PUT', policy, { policy: `${shipped.policy}\n${record}` });
        return async () => void (await vault.setup());
      },
      pids: () => [...running.values()].map(({ pid }) => pid),
      environmentOf: (name) => environments[name],
      async redeploy(name, changes) {
        const old = running.get(name);
        const ports = name === 'worker' ? { METRICS_PORT: String(await anyFreePort()) } : {};
        environments[name] = { ...environments[name], ...ports, ...changes };
        if (name === 'api') await old?.stop();
        await start(name);
        if (name === 'worker') await old?.stop();
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A tenant and its key with every scope, made by the script that operators run. */
export async function newApiKey(vaultProgram: string, environment: Readonly<Record<string, string>>): Promise<string> {
  return await runNewApiKey(vaultProgram, environment, 'acme', 'Acme Hosting', 'admin');
}

async function runNewApiKey(
  vaultProgram: string,
  environment: Readonly<Record<string, string>>,
  ...args: string[]
): Promise<string> {
  const script = join(import.meta.dirname, '../../../deploy/new-api-key.sh');
  const { stdout } = await promisify(execFile)('sh', [script, ...args], {
    // What comes in by a link is used at once: what is tested here is all that follows.
    env: {
      ...environment,
      CONFIRMS_INVITATIONS: 'false',
      PATH: `${dirname(vaultProgram)}${delimiter}${process.env['PATH'] ?? ''}`,
    },
  });
  return stdout.trim();
}
