import { mkdir, writeFile } from 'node:fs/promises';
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
}

export async function startVault(program: string, folder: string): Promise<ChaosVault> {
  const [port, clusterPort] = [await anyFreePort(), await anyFreePort()];
  const address = `http://127.0.0.1:${port}`;
  const configuration = join(folder, 'vault.hcl');
  await mkdir(join(folder, 'vault'));
  await writeFile(configuration, configurationOf(join(folder, 'vault'), port, clusterPort));

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
  await child.start();
  const made = await put('init', { secret_shares: 1, secret_threshold: 1 });
  keys.push(...(made['keys'] as string[]));
  const rootToken = String(made['root_token']);
  await unseal();
  const prepared = await prepareVault({ address, rootToken, path: program });
  return {
    child,
    port,
    prepared,
    unseal,
    seal: async () => void (await put('seal', {}, rootToken)),
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
