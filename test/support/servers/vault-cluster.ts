import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anyFreePort } from '../../../scripts/dev/ports.ts';
import { eventually } from '../eventually.ts';
import { launch, type RunningServer } from './launch.ts';
import { putSys } from './vault-sys.ts';

const WITHIN_MS = 60_000;

export interface VaultNode {
  readonly address: string;
  /** HTTP status of `sys/health`: 200 active, 429 standby, 503 sealed; 0 = no answer. */
  health(): Promise<number>;
  kill(): Promise<void>;
}

export interface VaultCluster {
  readonly nodes: readonly VaultNode[];
  readonly rootToken: string;
  /** The node that is active now. */
  active(): Promise<VaultNode>;
  /** The active node hands over to a standby. */
  stepDown(): Promise<void>;
  stop(): Promise<void>;
}

/** Three Vaults that share their data by Raft: one is active, two are standbys that forward what they are asked. */
export async function startVaultCluster(path: string): Promise<VaultCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'mooring-vaults-'));
  const servers: RunningServer[] = [];
  const nodes: VaultNode[] = [];
  const start = async (name: string, leader: string | undefined): Promise<string> => {
    const [port, cluster] = [await anyFreePort(), await anyFreePort()];
    const address = `http://127.0.0.1:${port}`;
    const file = join(folder, `${name}.hcl`);
    await mkdir(join(folder, name));
    await writeFile(file, configuration({ data: join(folder, name), name, port, cluster, leader }));
    const health = async () =>
      await fetch(`${address}/v1/sys/health`).then(
        ({ status }) => status,
        () => 0,
      );
    const ready = async () => (await health()) !== 0;
    const server = await launch({ name: 'Vault', path, args: ['server', '-config', file], ready });
    servers.push(server);
    nodes.push({ address, health, kill: server.stop });
    return address;
  };

  const first = await start('a', undefined);
  const made = await putSys(first, 'init', { secret_shares: 1, secret_threshold: 1 });
  const [key] = made['keys'] as string[];
  const rootToken = String(made['root_token']);
  const unsealed = async (address: string) => {
    const status = await putSys(address, 'unseal', { key }).catch(() => undefined);
    return status?.['sealed'] === false;
  };
  await eventually('the first Vault to be unsealed', async () => await unsealed(first), WITHIN_MS);
  // A node votes for the next active one only after this time; by default that is 10 s.
  const autopilot = 'storage/raft/autopilot/configuration';
  const fast = async () =>
    await putSys(first, autopilot, { server_stabilization_time: '1s' }, rootToken).then(() => true);
  await eventually('the cluster to be set up', fast, WITHIN_MS);
  for (const name of ['b', 'c']) {
    const address = await start(name, first);
    await eventually(`Vault ${name} to be unsealed`, async () => await unsealed(address), WITHIN_MS);
  }
  const isComplete = async () => {
    const statuses = await Promise.all(nodes.map((node) => node.health()));
    return statuses.includes(200) && statuses.filter((status) => status === 429).length === 2;
  };
  await eventually('one active node and two standbys', isComplete, WITHIN_MS);

  const voters = async () => {
    const headers = { 'X-Vault-Token': rootToken };
    const reply = await fetch(`${first}/v1/sys/storage/raft/configuration`, { headers });
    const { data } = (await reply.json()) as { data: { config: { servers: readonly { voter: boolean }[] } } };
    return data.config.servers.filter(({ voter }) => voter).length === 3;
  };
  await eventually('all three to vote', voters, WITHIN_MS);

  const active = async () =>
    await eventually(
      'an active node',
      async () => {
        const at = await Promise.all(nodes.map((node) => node.health()));
        return nodes[at.indexOf(200)];
      },
      WITHIN_MS,
    );
  return {
    nodes,
    rootToken,
    active,
    stepDown: async () => void (await putSys((await active()).address, 'step-down', {}, rootToken)),
    async stop() {
      await Promise.all(servers.map((server) => server.stop()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const configuration = (of: {
  data: string;
  name: string;
  port: number;
  cluster: number;
  leader: string | undefined;
}) => `
storage "raft" {
  path    = "${of.data}"
  node_id = "${of.name}"
  performance_multiplier = 1
  ${of.leader === undefined ? '' : `retry_join { leader_api_addr = "${of.leader}" }`}
}
listener "tcp" {
  address         = "127.0.0.1:${of.port}"
  cluster_address = "127.0.0.1:${of.cluster}"
  tls_disable     = true
}
api_addr      = "http://127.0.0.1:${of.port}"
cluster_addr  = "http://127.0.0.1:${of.cluster}"
disable_mlock = true
`;
