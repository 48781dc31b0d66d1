import { loadConfig } from '../../platform/config.ts';
import { apiKeyScopes } from '../../stores/api-keys.ts';
import { newApiKey } from '../operator/new-api-key.ts';
import { openSecretStore } from '../operator/secret-store.ts';
import type { StackPlan } from './plan.ts';
import type { StateDirectory } from './state-directory.ts';

const FILE = 'api-key';

/**
 * The key that the banner prints: the one of the last start as long as the API takes it (it does not where the
 * stores were changed or emptied meanwhile), else a new one. Null where the store lets us make none.
 */
export async function firstApiKey(
  plan: StackPlan,
  directory: StateDirectory,
  say: (line: string) => void,
): Promise<string | null> {
  const kept = directory.read(FILE)?.trim();
  if (kept && (await isAccepted(plan.addresses.api, kept))) return kept;
  const secrets = openSecretStore(loadConfig('api', plan.environment));
  try {
    const key = await newApiKey(secrets, {
      tenant: 'default',
      tenantName: 'Your organisation',
      keyName: 'made by npm start',
      scopes: apiKeyScopes,
    });
    directory.write(FILE, `${key.reveal()}\n`);
    return key.reveal();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    say(`No API key was made (${why}). Make one with rights on config/ in Vault: npm run api-key.`);
    return null;
  } finally {
    await secrets.close();
  }
}

async function isAccepted(api: string, key: string): Promise<boolean> {
  const answer = await fetch(`${api}/v1/connections?limit=1`, { headers: { authorization: `Bearer ${key}` } });
  return answer.status !== 401;
}
