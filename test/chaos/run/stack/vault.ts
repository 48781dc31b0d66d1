import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { anyFreePort } from '../../../../scripts/dev/ports.ts';
import { prepareVault, type PreparedVault } from '../../../contract/prepared-vault.ts';
import { eventually } from '../../../support/eventually.ts';
import { putSys } from '../../../support/servers/vault-sys.ts';
import { answersAt, createChild, type Child } from './child.ts';

const UNSEALED_WITHIN_MS = 60_000;

/** A Vault as in production, of one node: its data on disk, sealed at each start. */
export interface ChaosVault {
  readonly child: Child;
  readonly port: number;
  readonly prepared: PreparedVault;
  seal(): Promise<void>;
  unseal(): Promise<void>;
  /** As `vault operator raft snapshot save` takes it. */
  snapshot(): Promise<Uint8Array<ArrayBuffer>>;
  /** Loses all data, then brings the snapshot back into an empty Vault, as docs/operations.md says. */
  restore(snapshot: Uint8Array<ArrayBuffer>): Promise<void>;
}

export async function startVault(program: string, folder: string): Promise<ChaosVault> {
  const [port, clusterPort] = [await anyFreePort(), await anyFreePort()];
  const address = `http://127.0.0.1:${port}`;
  const configuration = join(folder, 'vault.hcl');
  const data = join(folder, 'vault');
  await mkdir(data);
  await writeFile(configuration, configurationOf(data, port, clusterPort));

  const put = async (path: string, body: object, token?: string) => await putSys(address, path, body, token);

  /** One share; none before the initialisation. */
  const keys: string[] = [];
  const unseal = async (): Promise<void> => {
    const [key] = keys;
    if (key === undefined) return;
    await eventually(
      'Vault to be unsealed',
      async () => {
        await put('unseal', { key });
        return await answersAt(`${address}/v1/sys/health`);
      },
      UNSEALED_WITHIN_MS,
    );
  };

  const child = createChild({
    name: 'vault',
    launch: () => ({ command: program, args: ['server', '-config', configuration], environment: {} }),
    logFile: join(folder, 'vault.log'),
    // 501: not initialised yet.
    isReady: () => answersAt(`${address}/v1/sys/health`, (status) => status === (keys.length === 0 ? 501 : 200)),
    afterStart: unseal,
  });
  /** Of an empty Vault. Answers its root token. */
  const initialise = async (): Promise<string> => {
    await child.start();
    const made = await put('init', { secret_shares: 1, secret_threshold: 1 });
    keys.push(...(made['keys'] as string[]));
    await unseal();
    return String(made['root_token']);
  };
  const raft = async (path: string, init: RequestInit): Promise<Uint8Array<ArrayBuffer>> => {
    const response = await fetch(`${address}/v1/sys/storage/raft/${path}`, init);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return new Uint8Array(await response.arrayBuffer());
  };
  const rootToken = await initialise();
  const prepared = await prepareVault({ address, rootToken, path: program });
  return {
    child,
    port,
    prepared,
    unseal,
    seal: async () => void (await put('seal', {}, rootToken)),
    snapshot: async () => await raft('snapshot', { headers: { 'X-Vault-Token': rootToken } }),
    async restore(snapshot) {
      await child.stop();
      await rm(data, { recursive: true });
      await mkdir(data);
      const saved = keys.splice(0);
      const token = await initialise();
      await raft('snapshot-force', { method: 'POST', headers: { 'X-Vault-Token': token }, body: snapshot });
      // It is sealed with the keys of the Vault that was saved.
      keys.splice(0, keys.length, ...saved);
      await unseal();
    },
  };
}

const configurationOf = (data: string, port: number, clusterPort: number): string => `
storage "raft" {
  path    = "${data}"
  node_id = "chaos"
}
listener "tcp" {
  address     = "127.0.0.1:${port}"
  tls_disable = true
}
api_addr      = "http://127.0.0.1:${port}"
cluster_addr  = "http://127.0.0.1:${clusterPort}"
disable_mlock = true
`;
