import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { Secret } from '../../platform/secret.ts';
import type { Components } from '../support/components.ts';

const setupScript = join(import.meta.dirname, '../../deploy/vault/setup.sh');

const mergePatch = { 'content-type': 'application/merge-patch+json' };

interface VaultReply {
  readonly status: number;
  readonly body: { readonly [key: string]: unknown };
}

/** The run's Vault with a mount, policies and roles of one suite alone, made by the script that operators run. */
export async function prepareVault(vault: NonNullable<Components['vault']>) {
  const mount = `mooring-${randomUUID()}`;
  const { address, rootToken } = vault;

  const setup = async (overrides: Record<string, string> = {}, ...args: string[]): Promise<string> => {
    const PATH = `${dirname(vault.path)}${delimiter}${process.env['PATH'] ?? ''}`;
    const env = { PATH, VAULT_ADDR: address, VAULT_TOKEN: rootToken, VAULT_MOUNT: mount, ...overrides };
    return (await promisify(execFile)('sh', [setupScript, ...args], { env })).stdout;
  };

  /** Vault's HTTP API, as it is. */
  const request = async (token: string, method: string, path: string, body?: object): Promise<VaultReply> => {
    const response = await fetch(`${address}/v1/${path}`, {
      method,
      headers: { 'X-Vault-Token': token, ...(method === 'PATCH' ? mergePatch : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as VaultReply['body']) };
  };
  const asRoot = async (method: string, path: string, body?: object): Promise<VaultReply> => {
    const reply = await request(rootToken, method, path, body);
    if (reply.status >= 400) throw new Error(`${method} ${path}: ${reply.status} ${JSON.stringify(reply.body)}`);
    return reply;
  };

  const credentials = async (process: 'api' | 'worker') => {
    const lines = await setup({}, 'credentials', process);
    const valueOf = (name: string) => new RegExp(`^${name}=(.+)$`, 'm').exec(lines)?.[1] ?? '';
    return { roleId: valueOf('VAULT_ROLE_ID'), secretId: new Secret(valueOf('VAULT_SECRET_ID')) };
  };

  /** A token with one of the shipped policies and no other. */
  const tokenOf = async (policy: 'api' | 'api-keys' | 'tenants' | 'worker' | 'operator'): Promise<string> => {
    const policies = [`${mount}-${policy}`];
    const { body } = await asRoot('POST', 'auth/token/create', { policies, no_default_policy: true });
    return (body['auth'] as { client_token: string }).client_token;
  };

  await setup();
  return { address, mount, setup, request, asRoot, credentials, tokenOf };
}

export type PreparedVault = Awaited<ReturnType<typeof prepareVault>>;
