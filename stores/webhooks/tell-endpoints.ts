import type { Clock } from '../../platform/clock.ts';
import type { Json } from '../../platform/json.ts';
import type { Logger } from '../../platform/logger.ts';
import { createRecent } from '../../platform/recent.ts';
import type { ConnectionEventData, DeliveryInput, WebhookEvent } from '../../contracts/webhooks.ts';
import { ephemeralKeys } from '../ephemeral/keys.ts';
import { EphemeralStoreUnavailable, type EphemeralStore } from '../ephemeral/port.ts';
import type { WebhookEndpoint, WebhookEndpoints } from './port.ts';

const DAY_SECONDS = 24 * 60 * 60;
/** What is kept of a tenant's events, to be replayed and read by connection. */
const eventLog = { keep: 10_000, ttlSeconds: 7 * DAY_SECONDS };
/** A new endpoint is told from this much later on. */
const LIST_FRESH_MS = 10_000;

/** Starts deliveries, each as a workflow of its own. */
export interface DeliveryStarter {
  /** Resolves once it is durable, or was before. Rejects where that is not known. */
  start(input: DeliveryInput): Promise<void>;
}

export interface ToTell {
  readonly tenant: string;
  /** Oldest first. */
  readonly events: readonly WebhookEvent[];
  /** The endpoint that the events are about. */
  readonly except?: string;
}

/**
 * Starts a delivery for each event and each endpoint that wants it, and keeps the events for a week. May be repeated: a
 * delivery exists once. Rejects where not all of them are known to exist.
 */
export type TellEndpoints = (toTell: ToTell) => Promise<void>;

export function createTellEndpoints(deps: {
  readonly endpoints: Pick<WebhookEndpoints, 'list'>;
  readonly deliveries: DeliveryStarter;
  readonly ephemeral: Pick<EphemeralStore, 'append'>;
  readonly clock: Clock;
  readonly logger: Logger;
}): TellEndpoints {
  const { endpoints, deliveries, ephemeral, clock, logger } = deps;
  // Most tenants have no endpoint, and every renewal of theirs may ask.
  const ofTenant = createRecent({
    load: async (tenant) => (await endpoints.list(tenant)).map(({ endpoint }) => endpoint),
    freshMs: LIST_FRESH_MS,
    clock,
  });

  const keep = async ({ tenant, events }: ToTell): Promise<void> => {
    try {
      for (const event of events) {
        await ephemeral.append(ephemeralKeys.webhookEvents(tenant), event as unknown as Json, eventLog);
      }
    } catch (error) {
      if (!(error instanceof EphemeralStoreUnavailable)) throw error;
      logger.warn({ err: error, tenant }, 'Events were not kept for replays: the ephemeral store does not answer.');
    }
  };

  return async (toTell) => {
    const { tenant, events, except } = toTell;
    if (events.length === 0) return;
    const listed = (await ofTenant.get(tenant)).filter(({ id, disabled }) => id !== except && disabled === null);
    for (const event of events) {
      const wanting = listed.filter((endpoint) => wants(endpoint, event));
      await Promise.all(wanting.map(async ({ id }) => await deliveries.start({ v: 1, tenant, endpoint: id, event })));
    }
    await keep(toTell);
  };
}

/** Whether an endpoint's filters let an event through. Tags and providers are those of connections. */
export function wants({ types, providers, tags }: WebhookEndpoint, { type, data }: WebhookEvent): boolean {
  if (types.length > 0 && !types.includes(type)) return false;
  const { connection } = data as Partial<ConnectionEventData>;
  if (connection === undefined) return true;
  if (providers.length > 0 && !providers.includes(connection.provider)) return false;
  return tags.length === 0 || connection.tags.some((tag) => tags.includes(tag));
}
