import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ownEnvironment } from '../../../../platform/config/own-environment.ts';
import { KeyRing } from '../../../../platform/key-ring.ts';
import { manifests } from '../../../../providers/manifests/all.ts';
import { cloudVariables } from '../../../../providers/manifests/settings.ts';
import { anyFreePort } from '../../../../scripts/dev/ports.ts';
import { sandboxEnvironment } from '../../../../sandbox/clouds/index.ts';
import { answersAt, createChild, type Child, type Launch } from './child.ts';
import type { Link, Network } from './network.ts';
import type { ChaosVault } from './vault.ts';

export const workerNames = ['worker-1', 'worker-2'] as const;
export const productNames = ['api', ...workerNames] as const;
export type ProductName = (typeof productNames)[number];
export type Release = 'current' | 'old';

/** The product's processes, each with links of its own to all that it talks to. */
export interface Product {
  readonly children: Readonly<Record<ProductName, Child>>;
  readonly links: readonly Link[];
  /** Its origin, as clients and browsers reach it. */
  readonly api: string;
  /** Says whether all that the API needs answers it; past every link of the client. */
  readonly readiness: string;
  /** The key ring that the next start of each process is given. */
  keys(): string;
  setKeys(keys: string): void;
  /** What the next start of a worker runs. Without an older build, both are the same code with another build id. */
  release(name: ProductName, release: Release): void;
  /** As an operator does after a deployment: from then on workers of this release get the work. Retries by itself. */
  makeCurrent(release: Release): Promise<void>;
}

export interface ProductPlan {
  readonly root: string;
  readonly folder: string;
  readonly build: string | null;
  readonly oldBuild: string | null;
  readonly network: Network;
  readonly vault: ChaosVault;
  readonly namespace: string;
  /** Temporal's own command line. */
  readonly temporalProgram: string;
  readonly ports: Readonly<Record<'temporal' | 'vault' | 'redis' | 'cloud', number>>;
}

/** Discovery comes often, so that faults meet it. */
const often = { DISCOVERY_INTERVAL_SECONDS: '60' };
/** The traffic is all of one tenant. */
const unlimited = {
  TENANT_MAX_CONNECTIONS: '0',
  TENANT_SUBMISSIONS_PER_MINUTE: '0',
  TENANT_VALIDATIONS_PER_MINUTE: '0',
  CONNECTION_INVITATIONS_PER_HOUR: '0',
};
/** Resources are listed over HTTP: a process for each list would be most of the load. */
const light = { OVHCLOUD_PATH: '/nowhere/ovhcloud', API_REQUESTS_PER_MINUTE: '0', ...unlimited };

const versionOf = (release: Release): Record<string, string> => ({
  WORKER_DEPLOYMENT: 'mooring',
  WORKER_BUILD_ID: `chaos-${release}`,
});

export async function createProduct(plan: ProductPlan): Promise<Product> {
  const { network, vault, ports, folder } = plan;
  const links: Link[] = [];
  const link = async (from: string, to: string, port: number): Promise<string> => {
    const made = await network.link(`${from}-${to}`, port);
    links.push(made);
    return `127.0.0.1:${made.port}`;
  };
  let keys = KeyRing.generate('first');
  const releases: Record<ProductName, Release> = { api: 'current', 'worker-1': 'current', 'worker-2': 'current' };

  const environmentOf = async (name: ProductName): Promise<Record<string, string>> => {
    const { roleId, secretId } = await vault.prepared.credentials(name === 'api' ? 'api' : 'worker');
    return {
      PATH: process.env['PATH'] ?? '',
      TEMPORAL_ADDRESS: await link(name, 'temporal', ports.temporal),
      TEMPORAL_NAMESPACE: plan.namespace,
      VAULT_ADDR: `http://${await link(name, 'vault', ports.vault)}`,
      VAULT_MOUNT: vault.prepared.mount,
      VAULT_ROLE_ID: roleId,
      VAULT_SECRET_ID: secretId.reveal(),
      REDIS_URL: `redis://${await link(name, 'redis', ports.redis)}/0`,
      MOORING_ALLOW: 'http-public-url,http-vault,redis-without-password,redis-without-tls',
      ...often,
      ...light,
    };
  };
  const launch = (name: ProductName, environment: Readonly<Record<string, string>>): Launch => {
    const program = name === 'api' ? 'api' : 'worker';
    const build = releases[name] === 'old' && plan.oldBuild !== null ? plan.oldBuild : plan.build;
    // Beside the data that is kept after a violation: without the keys no history of it could be replayed.
    writeFileSync(join(folder, 'keys.txt'), `${keys}\n`);
    return {
      command: process.execPath,
      args: [
        '--disable-warning=ExperimentalWarning',
        ...(build === null
          ? ['--experimental-strip-types', join(plan.root, program, 'main.ts')]
          : ['--enable-source-maps', join(build, program, 'main.js')]),
      ],
      environment: { ...environment, MOORING_KEYS: keys, ...versionOf(releases[name]) },
    };
  };
  const child = (name: ProductName, health: string, environment: Readonly<Record<string, string>>): Child =>
    createChild({
      name,
      launch: () => launch(name, environment),
      logFile: join(folder, `${name}.log`),
      isReady: () => answersAt(health),
    });

  const apiPort = await anyFreePort();
  const api = `http://${await link('client', 'api', apiPort)}`;
  const apiEnvironment = {
    ...(await environmentOf('api')),
    ...ownEnvironment('api', sandboxEnvironment(`http://127.0.0.1:${ports.cloud}`), cloudVariables(manifests)),
    PORT: String(apiPort),
    PUBLIC_URL: api,
  };
  const workerOf = async (name: (typeof workerNames)[number]): Promise<Child> => {
    const metricsPort = await anyFreePort();
    return child(name, `http://127.0.0.1:${metricsPort}/healthz`, {
      ...(await environmentOf(name)),
      ...sandboxEnvironment(`http://${await link(name, 'cloud', ports.cloud)}`),
      METRICS_PORT: String(metricsPort),
    });
  };
  const children = {
    api: child('api', `http://127.0.0.1:${apiPort}/healthz`, apiEnvironment),
    'worker-1': await workerOf('worker-1'),
    'worker-2': await workerOf('worker-2'),
  };
  return {
    children,
    links,
    api,
    readiness: `http://127.0.0.1:${apiPort}/readyz`,
    keys: () => keys,
    setKeys: (next) => void (keys = next),
    release: (name, release) => void (releases[name] = release),
    async makeCurrent(release) {
      const script = join(plan.root, 'deploy/temporal/set-current-version.sh');
      const environment = {
        ...versionOf(release),
        HOME: folder,
        PATH: `${dirname(plan.temporalProgram)}${delimiter}${process.env['PATH'] ?? ''}`,
        TEMPORAL_ADDRESS: `127.0.0.1:${ports.temporal}`,
        TEMPORAL_NAMESPACE: plan.namespace,
      };
      await promisify(execFile)('sh', [script], { env: environment });
    },
  };
}
