import { randomBytes } from 'node:crypto';
import { anyFreePort } from '../../../scripts/dev/ports.ts';
import { launch } from './launch.ts';

/** `vault server -dev`: unsealed, in memory; the root token is for set-up alone. */
export async function startVault(path: string) {
  const port = await anyFreePort();
  const address = `http://127.0.0.1:${port}`;
  const rootToken = randomBytes(16).toString('hex');
  const server = await launch({
    name: 'Vault',
    path,
    args: ['server', '-dev', '-dev-no-store-token', `-dev-listen-address=127.0.0.1:${port}`],
    env: { VAULT_DEV_ROOT_TOKEN_ID: rootToken },
    ready: async () => await isUnsealed(address),
  });
  return { address, rootToken, path, stop: server.stop };
}

async function isUnsealed(address: string): Promise<boolean> {
  try {
    return (await fetch(`${address}/v1/sys/health`)).status === 200;
  } catch {
    return false;
  }
}
