import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { anyFreePort } from '../../scripts/dev/ports.ts';
import { startProcess, type RunningProcess } from './process.ts';

const root = join(import.meta.dirname, '../..');

export interface Vault {
  readonly process: RunningProcess;
  readonly address: string;
  /** Variables that a process signs in to that mount with, as `api` or `worker`. */
  signIn(mount: string, role: 'api' | 'worker'): Promise<Record<string, string>>;
  /** A token with that role's policy, for programs without an AppRole. */
  tokenFor(mount: string, role: 'api' | 'worker' | 'operator'): Promise<string>;
  /** Makes a tenant with an API key that may do everything. */
  newApiKey(mount: string): Promise<string>;
}

/**
 * Vault with the shipped policies and an AppRole for each process, at each of the mounts. `raft` is production's
 * storage: each write is on the disk before it is answered.
 */
export async function startVault(options: {
  readonly program: string;
  readonly folder: string;
  readonly storage: 'raft' | 'dev';
  readonly mounts: readonly string[];
}): Promise<Vault> {
  const { program, folder } = options;
  const port = await anyFreePort();
  const address = `http://127.0.0.1:${port}`;
  const rootToken = 'benchmark-root-token';
  const inMemory = ['server', '-dev', '-dev-no-store-token', `-dev-listen-address=127.0.0.1:${port}`];
  const args = options.storage === 'dev' ? inMemory : ['server', `-config=${await raftConfig(folder, port)}`];
  const process = await startProcess({
    name: 'vault',
    command: program,
    args,
    environment: { ...basics(), VAULT_DEV_ROOT_TOKEN_ID: rootToken },
    logFile: join(folder, 'vault.log'),
    // A Vault that has no keys yet answers this with 501 unless it is asked not to.
    isReady: async () => (await fetch(`${address}/v1/sys/health?uninitcode=200&sealedcode=200`)).ok,
  });
  const token = options.storage === 'dev' ? rootToken : await unseal(address);
  const operator = {
    PATH: `${dirname(program)}${delimiter}${basics()['PATH']}`,
    VAULT_ADDR: address,
    VAULT_TOKEN: token,
  };
  const script = async (mount: string, file: string, ...more: string[]): Promise<string> => {
    const env = { ...operator, VAULT_MOUNT: mount, CONFIRMS_INVITATIONS: 'false' };
    return (await promisify(execFile)('sh', [join(root, 'deploy', file), ...more], { env })).stdout;
  };
  for (const mount of options.mounts) await script(mount, 'vault/setup.sh');

  return {
    process,
    address,
    async signIn(mount, role) {
      const text = await script(mount, 'vault/setup.sh', 'credentials', role);
      const lines = text.split('\n').filter((line) => line.includes('=') && !line.startsWith('#'));
      return Object.fromEntries(lines.map((line) => line.split('=', 2) as [string, string]));
    },
    async tokenFor(mount, role) {
      const body = { policies: [`${mount}-${role}`], no_default_policy: true };
      const { auth } = await call<{ auth: { client_token: string } }>(address, 'auth/token/create', body, token);
      return auth.client_token;
    },
    async newApiKey(mount) {
      return (await script(mount, 'new-api-key.sh', 'acme', 'Acme Hosting', 'admin')).trim();
    },
  };
}

async function raftConfig(folder: string, port: number): Promise<string> {
  const path = join(folder, 'vault');
  await mkdir(path, { recursive: true, mode: 0o700 });
  const clusterPort = await anyFreePort();
  const config = {
    storage: { raft: { path, node_id: 'one' } },
    listener: { tcp: { address: `127.0.0.1:${port}`, cluster_address: `127.0.0.1:${clusterPort}`, tls_disable: true } },
    api_addr: `http://127.0.0.1:${port}`,
    cluster_addr: `http://127.0.0.1:${clusterPort}`,
    disable_mlock: true,
  };
  const file = join(folder, 'vault.json');
  await writeFile(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}

/** A new Vault's first minute: one key, used at once. Answers the root token. */
async function unseal(address: string): Promise<string> {
  const shares = { secret_shares: 1, secret_threshold: 1 };
  const made = await call<{ keys: string[]; root_token: string }>(address, 'sys/init', shares);
  await call(address, 'sys/unseal', { key: made.keys[0] });
  // It serves once it has elected itself.
  for (let tries = 0; !(await fetch(`${address}/v1/sys/health`)).ok; tries++) {
    if (tries > 300) throw new Error('Vault has not become active within 30 s.');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return made.root_token;
}

async function call<T>(address: string, path: string, body: object, token?: string): Promise<T> {
  const response = await fetch(`${address}/v1/${path}`, {
    method: 'POST',
    headers: token === undefined ? {} : { 'X-Vault-Token': token },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`Vault answers ${path} with ${response.status}: ${text}`);
  return (text === '' ? {} : JSON.parse(text)) as T;
}

/** What any program needs from ours. */
export const basics = (): Record<string, string> => {
  const { PATH = '', HOME = '' } = process.env;
  return { PATH, HOME };
};
