import type { PreparedVault } from '../../../contract/prepared-vault.ts';

export interface Remains {
  /** Ids of the connections that have something at a gate of Vault. */
  readonly secrets: ReadonlySet<string>;
  readonly tombstones: ReadonlySet<string>;
}

/** What Vault has of each connection, as its root sees it. */
export async function readRemains(vault: PreparedVault): Promise<Remains> {
  const secrets = await Promise.all(['live', 'pending', 'revoking'].map(async (gate) => await keysAt(vault, gate)));
  return { secrets: new Set(secrets.flat()), tombstones: new Set(await keysAt(vault, 'tombstones')) };
}

async function keysAt(vault: PreparedVault, gate: string): Promise<string[]> {
  try {
    const { body } = await vault.asRoot('GET', `${vault.mount}/metadata/${gate}?list=true`);
    const { keys } = body['data'] as { keys: readonly string[] };
    return keys.map((key) => key.replace(/\/.*$/, ''));
  } catch (error) {
    if (error instanceof Error && error.message.includes(': 404 ')) return [];
    throw error;
  }
}
