import type { WebhookEvent } from '../../contracts/webhooks.ts';
import { iso } from '../../contracts/time.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/logger.ts';
import { ephemeralKeys } from '../../stores/ephemeral/keys.ts';
import { EphemeralStoreUnavailable, type EphemeralStore } from '../../stores/ephemeral/port.ts';
import { SecretStoreConflict, SecretStoreUnavailable } from '../../stores/secrets/port.ts';
import type { EndpointChange, StoredEndpoint, WebhookEndpoint, WebhookEndpoints } from '../../stores/webhooks/port.ts';
import type { TellEndpoints } from '../../stores/webhooks/tell-endpoints.ts';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
/** After this long without one success. */
const WARNED_AFTER_MS = DAY_MS;
const DISABLED_AFTER_MS = 5 * DAY_MS;
/** And never before people had this long to read the warning, or with fewer failures than this. */
const DISABLED_AFTER_WARNING_MS = 12 * HOUR_MS;
const DISABLED_AFTER_ATTEMPTS = 10;
const COUNTED_FOR_SECONDS = 30 * 24 * 60 * 60;

type Failing = NonNullable<WebhookEndpoint['failing']>;

/** How an endpoint fares, written to its record when it changes: not with each delivery. Never rejects. */
export interface EndpointHealth {
  succeeded(stored: StoredEndpoint): Promise<void>;
  /** Answers whether the endpoint is disabled now. */
  failed(stored: StoredEndpoint): Promise<boolean>;
  /** It answered 410: it is disabled at once. */
  isGone(stored: StoredEndpoint): Promise<void>;
}

export function createEndpointHealth(deps: {
  readonly endpoints: Pick<WebhookEndpoints, 'change'>;
  readonly ephemeral: Pick<EphemeralStore, 'increment' | 'delete'>;
  readonly tellEndpoints: TellEndpoints;
  readonly clock: Clock;
  readonly logger: Logger;
}): EndpointHealth {
  const { endpoints, ephemeral, tellEndpoints, clock, logger } = deps;

  /** Where another delivery has changed it meanwhile, that one has seen to it. */
  const change = async (stored: StoredEndpoint, to: EndpointChange): Promise<void> => {
    try {
      await endpoints.change(stored, to);
    } catch (error) {
      if (!(error instanceof SecretStoreUnavailable || error instanceof SecretStoreConflict)) throw error;
      logger.warn({ err: error, endpoint: stored.endpoint.id }, 'How an endpoint fares could not be written.');
    }
  };

  const tell = async ({ endpoint }: StoredEndpoint, event: WebhookEvent): Promise<boolean> => {
    try {
      await tellEndpoints({ tenant: endpoint.tenant, events: [event], except: endpoint.id });
      return true;
    } catch (error) {
      logger.warn({ err: error, endpoint: endpoint.id }, 'Other endpoints could not be told that one fails.');
      return false;
    }
  };

  /** Counted beside the record, so that not every failure writes to the secret store. */
  const count = async ({ endpoint: { id, failing } }: StoredEndpoint): Promise<number> => {
    const known = failing?.attempts ?? 0;
    try {
      if (!failing) await ephemeral.delete(ephemeralKeys.webhookFailures(id));
      const counted = await ephemeral.increment(ephemeralKeys.webhookFailures(id), COUNTED_FOR_SECONDS);
      return Math.max(counted.count, known);
    } catch (error) {
      if (!(error instanceof EphemeralStoreUnavailable)) throw error;
      return known + 1;
    }
  };

  const disable = async (stored: StoredEndpoint, reason: 'gone' | 'failing', failing: Failing | null) => {
    const at = iso(clock.now());
    await tell(stored, endpointEvent('disabled', stored.endpoint, at, { reason, failing }));
    await change(stored, { disabled: { at, reason }, failing });
    logger.warn({ endpoint: stored.endpoint.id, tenant: stored.endpoint.tenant, reason }, 'An endpoint was disabled.');
  };

  return {
    async succeeded(stored) {
      if (stored.endpoint.failing !== null) await change(stored, { failing: null });
    },

    async failed(stored) {
      const attempts = await count(stored);
      const nowMs = clock.now();
      const { failing } = stored.endpoint;
      const next = failing ? { ...failing, attempts } : { since: iso(nowMs), attempts, warnedAt: null };
      switch (verdictOf(failing && next, nowMs)) {
        case 'begins':
          await change(stored, { failing: next });
          return false;
        case 'warn': {
          const at = iso(nowMs);
          const disablesAt = iso(
            Math.max(Date.parse(next.since) + DISABLED_AFTER_MS, nowMs + DISABLED_AFTER_WARNING_MS),
          );
          const told = await tell(stored, endpointEvent('failing', stored.endpoint, at, { failing: next, disablesAt }));
          if (told) await change(stored, { failing: { ...next, warnedAt: at } });
          return false;
        }
        case 'disable':
          await disable(stored, 'failing', next);
          return true;
        case 'wait':
          return false;
      }
    },

    async isGone(stored) {
      await disable(stored, 'gone', stored.endpoint.failing);
    },
  };
}

/** `failing`: with this failure counted; null = the last delivery succeeded. */
function verdictOf(failing: Failing | null, nowMs: number): 'begins' | 'wait' | 'warn' | 'disable' {
  if (!failing) return 'begins';
  const sinceMs = nowMs - Date.parse(failing.since);
  if (failing.warnedAt === null) return sinceMs >= WARNED_AFTER_MS ? 'warn' : 'wait';
  const isDue = sinceMs >= DISABLED_AFTER_MS && failing.attempts >= DISABLED_AFTER_ATTEMPTS;
  return isDue && nowMs - Date.parse(failing.warnedAt) >= DISABLED_AFTER_WARNING_MS ? 'disable' : 'wait';
}

/** Told once for each time that an endpoint fails, however often this is tried: the id is made of when that began. */
function endpointEvent(
  what: 'failing' | 'disabled',
  { id, url, description, createdAt }: WebhookEndpoint,
  at: string,
  more: { readonly failing: Failing | null } & Readonly<Record<string, unknown>>,
): WebhookEvent {
  const began = Math.floor(Date.parse(more.failing?.since ?? at) / 1000);
  return {
    id: `evt_${id}_${began}_${what}`,
    type: `webhook_endpoint.${what}`,
    timestamp: at,
    // The path of an address may be a secret of the receiver's.
    data: { endpoint: { id, origin: new URL(url).origin, description, createdAt }, ...more },
  };
}
