import { systemClock } from '../../platform/clock.ts';
import type { Secret } from '../../platform/secret.ts';
import { createApiKeys, type ApiKeyScope } from '../../stores/api-keys.ts';
import type { SecretStore } from '../../stores/secrets/port.ts';
import { createTenants } from '../../stores/tenants.ts';

export interface NewKeyRequest {
  readonly tenant: string;
  /** What customers read on the invitation page; taken only where the tenant is new. */
  readonly tenantName: string;
  readonly keyName: string;
  readonly scopes: readonly ApiKeyScope[];
}

/** Makes an API key, and its tenant where that is new. The key is seen this one time. */
export async function newApiKey(secrets: SecretStore, request: NewKeyRequest): Promise<Secret<string>> {
  const tenants = createTenants({ secrets });
  if (!(await tenants.read(request.tenant))) {
    await tenants.write(request.tenant, { displayName: request.tenantName, platformRedirectUris: [] });
  }
  const { key } = await createApiKeys({ secrets, clock: systemClock }).create({
    tenant: request.tenant,
    scopes: request.scopes,
    name: request.keyName,
    expiresAt: null,
  });
  return key;
}
