import { loadConfig } from '../../platform/config.ts';
import { createEgress } from '../../platform/egress.ts';
import { systemClock } from '../../platform/clock.ts';
import { operatorScopes, permits, tenantScopes, type ApiKeyRights } from '../../stores/api-key-scopes.ts';
import { createApiKeys, DEFAULT_LIFE_DAYS, isExpired, parseApiKey } from '../../stores/api-keys.ts';
import { openSecretStore } from '../../stores/compose.ts';
import type { SecretStore } from '../../stores/secrets/port.ts';
import { createTenants } from '../../stores/tenants.ts';
import { iso } from '../../contracts/time.ts';
import type { StackPlan } from './plan.ts';
import type { DevInfo, StateDirectory } from './state-directory.ts';

const TENANT = 'default';
const LIFE_MS = DEFAULT_LIFE_DAYS * 24 * 3600 * 1000;

interface FirstKey {
  /** Where it is kept in the state directory. */
  readonly file: string;
  readonly rights: ApiKeyRights;
}
const tenantKey: FirstKey = {
  file: 'api-key',
  rights: { tenant: TENANT, scopes: tenantScopes },
};
const operatorKey: FirstKey = {
  file: 'operator-key',
  rights: { tenant: null, scopes: operatorScopes },
};

/**
 * The keys that the banner prints: those of the last start where the secret store still has them, otherwise new ones. (It
 * does not have them if they have expired, or if it was replaced or emptied; a key that lacks a scope is replaced.) Null if the store does not let us create
 * them. No key is sent to the API to find out.
 */
export async function firstApiKeys(
  plan: StackPlan,
  directory: StateDirectory,
  say: (line: string) => void,
): Promise<Pick<DevInfo, 'apiKey' | 'operatorKey'>> {
  const config = loadConfig('api', plan.environment);
  const secrets = openSecretStore(config, createEgress(config.egress));
  const keptOrNew = async ({ file, rights }: FirstKey): Promise<string> => {
    const kept = directory.read(file)?.trim();
    if (kept && (await isValid(secrets, kept, rights))) return kept;
    const key = await newApiKey(secrets, rights);
    directory.write(file, `${key}\n`);
    return key;
  };
  try {
    return { apiKey: await keptOrNew(tenantKey), operatorKey: await keptOrNew(operatorKey) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    say(`No API key was made (${why}). Make one as docs/production.md says: deploy/new-api-key.sh.`);
    return { apiKey: null, operatorKey: null };
  } finally {
    await secrets.close();
  }
}

async function newApiKey(secrets: SecretStore, rights: ApiKeyRights): Promise<string> {
  if (rights.tenant !== null) {
    const tenants = createTenants({ secrets });
    await tenants.create(rights.tenant, {
      displayName: 'Your organisation',
      platformRedirectUris: [],
      // The person who opens the first link is the one who made it.
      confirmsInvitations: false,
    });
  }
  const expiresAt = iso(systemClock.now() + LIFE_MS);
  const keys = createApiKeys({ secrets, clock: systemClock });
  return (await keys.create({ ...rights, name: 'made by npm start', expiresAt })).key.reveal();
}

/** Also whether it may do all that a new one may: an older version of Mooring may have had fewer scopes. */
async function isValid(secrets: SecretStore, key: string, { scopes }: ApiKeyRights): Promise<boolean> {
  const parts = parseApiKey(key);
  const stored = parts && (await createApiKeys({ secrets, clock: systemClock }).read(parts.id));
  if (!stored?.isSecret(parts?.secret ?? '') || isExpired(stored.apiKey, systemClock.now())) return false;
  return scopes.every((scope) => permits(stored.apiKey, scope));
}
