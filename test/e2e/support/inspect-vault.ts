import type { JsonObject } from '../../../platform/json.ts';
import { gates } from '../../../stores/secrets/port.ts';
import type { PreparedVault } from '../../contract/prepared-vault.ts';
import type { SecretsInspector } from './world.ts';

/** Vault as its root sees it; `metadata` lists a key as long as any version of it is there, destroyed ones too. */
export function inspectVault(vault: PreparedVault): SecretsInspector {
  const get = async <T>(path: string): Promise<T | undefined> => {
    try {
      return (await vault.asRoot('GET', `${vault.mount}/${path}`)).body['data'] as T;
    } catch (error) {
      if (error instanceof Error && error.message.includes(': 404 ')) return undefined;
      throw error;
    }
  };
  return {
    read: async (gate, key) => (await get<{ data: JsonObject }>(`data/${gate}/${key}`))?.data,
    async remains(connection) {
      const found = await Promise.all(
        gates.map(async (gate) => {
          const keys = (await get<{ keys: string[] }>(`metadata/${gate}?list=true`))?.keys ?? [];
          return keys.map((key) => `${gate}/${key}`);
        }),
      );
      return found.flat().filter((path) => path.includes(connection));
    },
  };
}
