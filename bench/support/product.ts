import { join } from 'node:path';
import { ownEnvironment } from '../../platform/config/own-environment.ts';
import { KeyRing } from '../../platform/key-ring.ts';
import { manifests } from '../../providers/manifests/all.ts';
import { cloudVariables } from '../../providers/manifests/settings.ts';
import { anyFreePort } from '../../scripts/dev/ports.ts';
import { createCustomer, type Customer } from '../../test/support/customer.ts';
import { buildFolder } from './programs.ts';
import { serves, startProcess, type RunningProcess } from './process.ts';
import type { Processes } from './sampler.ts';
import { spaces, type Stack } from './stack.ts';
import { basics } from './vault.ts';

/** The built product in production mode, each part a process of its own, as a supervisor starts it. */
export interface Product {
  readonly api: string;
  readonly apiKey: string;
  readonly customer: Customer;
  workerPids(): readonly number[];
  /** Of the product and of all it stands on, as they run now. */
  processes(): Processes;
  /** SIGTERM to every worker; resolves when they are gone. */
  stopWorkers(): Promise<void>;
  /** Resolves when every worker polls. */
  startWorkers(): Promise<void>;
  stop(): Promise<void>;
}

export async function startProduct(
  stack: Stack,
  { workers: count, settings = {} }: { readonly workers: number; readonly settings?: Readonly<Record<string, string>> },
): Promise<Product> {
  const mount = spaces.product;
  const shared = {
    PATH: basics()['PATH'] ?? '',
    TEMPORAL_ADDRESS: stack.temporal.address,
    TEMPORAL_NAMESPACE: spaces.product,
    VAULT_ADDR: stack.vault.address,
    VAULT_MOUNT: mount,
    REDIS_URL: stack.redisUrl,
    MOORING_KEYS: KeyRing.generate(),
    MOORING_ALLOW: 'http-public-url,http-vault,redis-without-password,redis-without-tls',
    ...stack.cloudVariables,
    // The resources of an account are listed when it connects, and then no more, unless a benchmark is about that.
    DISCOVERY_INTERVAL_SECONDS: '0',
    // Listed over the REST API: a run of a program for each list would be most of what is measured.
    OVHCLOUD_PATH: '/nowhere/ovhcloud',
    API_REQUESTS_PER_MINUTE: '0',
    TENANT_MAX_CONNECTIONS: '0',
    TENANT_SUBMISSIONS_PER_MINUTE: '0',
    TENANT_VALIDATIONS_PER_MINUTE: '0',
    LOG_LEVEL: 'warn',
    ...settings,
  };
  const own = (name: 'api' | 'worker') => ownEnvironment(name, shared, cloudVariables(manifests));
  const workerSignIn = await stack.vault.signIn(mount, 'worker');
  const startWorker = async (number: number): Promise<RunningProcess> => {
    const metricsPort = await anyFreePort();
    return await startProcess({
      name: `worker ${number}`,
      ...built('worker'),
      environment: { ...own('worker'), ...workerSignIn, METRICS_PORT: String(metricsPort) },
      logFile: join(stack.folder, `worker-${number}.log`),
      isReady: async () => await serves(`http://127.0.0.1:${metricsPort}/healthz`),
    });
  };
  let workers: RunningProcess[] = [];
  const stopWorkers = async (): Promise<void> => {
    await Promise.all(workers.map(async (worker) => await worker.stop()));
    workers = [];
  };
  const startWorkers = async (): Promise<void> => {
    workers = await Promise.all(Array.from({ length: count }, async (_, index) => await startWorker(index + 1)));
  };

  const port = await anyFreePort();
  const api = `http://127.0.0.1:${port}`;
  const apiSignIn = await stack.vault.signIn(mount, 'api');
  // The first worker proves the key ring: an API that is there before it waits.
  const starting = Promise.all([
    startWorkers(),
    startProcess({
      name: 'api',
      ...built('api'),
      environment: { ...own('api'), ...apiSignIn, PORT: String(port), PUBLIC_URL: api },
      logFile: join(stack.folder, 'api.log'),
      isReady: async () => await serves(`${api}/readyz`),
    }),
  ]);
  const [, server] = await starting.catch(async (error: unknown) => {
    await stopWorkers();
    throw error;
  });
  const apiKey = await stack.vault.newApiKey(mount);
  return {
    api,
    apiKey,
    customer: createCustomer({ api, apiKey, sandbox: stack.sandboxUrl }),
    workerPids: () => workers.map(({ pid }) => pid),
    processes: () => ({ worker: workers.map(({ pid }) => pid), api: [server.pid], ...stack.processes }),
    stopWorkers,
    startWorkers,
    async stop() {
      await Promise.all([stopWorkers(), server.stop()]);
    },
  };
}

const built = (name: 'api' | 'worker'): { command: string; args: string[] } => ({
  command: process.execPath,
  args: ['--enable-source-maps', '--disable-warning=ExperimentalWarning', join(buildFolder, name, 'main.js')],
});
