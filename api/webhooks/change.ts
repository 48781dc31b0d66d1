import { SecretStoreConflict } from '../../stores/secrets/port.ts';
import type { StoredEndpoint, WebhookEndpoints } from '../../stores/webhooks/port.ts';
import { webhookProblems } from './problems.ts';

/** A worker notes how deliveries go, at most a few times an hour, and may do so between a read and a write. */
const TRIES = 5;

/** Throws `webhook_not_found`; an endpoint of another tenant is answered like one that does not exist. */
export async function endpointOf(
  endpoints: Pick<WebhookEndpoints, 'read'>,
  tenant: string,
  id: string,
): Promise<StoredEndpoint> {
  const stored = await endpoints.read(tenant, id);
  if (!stored) throw webhookProblems.notFound();
  return stored;
}

/**
 * Changes an endpoint, again from the start where it was changed meanwhile. `change` throws where it does not apply any
 * more.
 */
export async function changeEndpoint(
  endpoints: Pick<WebhookEndpoints, 'read'>,
  tenant: string,
  id: string,
  change: (stored: StoredEndpoint) => Promise<StoredEndpoint>,
): Promise<StoredEndpoint> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await change(await endpointOf(endpoints, tenant, id));
    } catch (error) {
      if (!(error instanceof SecretStoreConflict)) throw error;
      if (tried >= TRIES) throw webhookProblems.changed(error);
    }
  }
}
