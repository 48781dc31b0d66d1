import { loadConfig } from '../../platform/config.ts';
import { createEgress } from '../../platform/egress.ts';
import { systemClock } from '../../platform/clock.ts';
import { apiKeyScopes, createApiKeys } from '../../stores/api-keys.ts';
import { openSecretStore } from '../../stores/compose.ts';
import type { SecretStore } from '../../stores/secrets/port.ts';
import { createTenants } from '../../stores/tenants.ts';
import type { StackPlan } from './plan.ts';
import type { StateDirectory } from './state-directory.ts';

const FILE = 'api-key';
const TENANT = 'default';

/**
 * The API key that the banner prints: the key of the last start if the API still accepts it, otherwise a new one. (It
 * does not accept it if the stores were replaced or emptied.) Null if the store does not let us create one.
 */
export async function firstApiKey(
  plan: StackPlan,
  directory: StateDirectory,
  say: (line: string) => void,
): Promise<string | null> {
  const kept = directory.read(FILE)?.trim();
  if (kept && (await isAccepted(plan.addresses.api, kept))) return kept;
  const config = loadConfig('api', plan.environment);
  const secrets = openSecretStore(config, createEgress(config.egress));
  try {
    const key = await newApiKey(secrets);
    directory.write(FILE, `${key}\n`);
    return key;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    say(`No API key was made (${why}). Make one as docs/production.md says: deploy/new-api-key.sh.`);
    return null;
  } finally {
    await secrets.close();
  }
}

async function newApiKey(secrets: SecretStore): Promise<string> {
  const tenants = createTenants({ secrets });
  if (!(await tenants.read(TENANT))) {
    await tenants.write(TENANT, {
      displayName: 'Your organisation',
      platformRedirectUris: [],
      // The person who opens the first link is the one who made it.
      confirmsInvitations: false,
    });
  }
  const request = { tenant: TENANT, scopes: apiKeyScopes, name: 'made by npm start', expiresAt: null };
  return (await createApiKeys({ secrets, clock: systemClock }).create(request)).key.reveal();
}

async function isAccepted(api: string, key: string): Promise<boolean> {
  const answer = await fetch(`${api}/v1/connections?limit=1`, { headers: { authorization: `Bearer ${key}` } });
  return answer.status !== 401;
}
