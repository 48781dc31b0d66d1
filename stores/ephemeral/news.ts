import type { Json } from '../../platform/json.ts';
import type { News } from '../../contracts/activities.ts';
import type { ConnectionRef } from '../../contracts/connection.ts';
import { ephemeralKeys } from './keys.ts';
import type { EphemeralStore } from './port.ts';

const DAY_SECONDS = 24 * 60 * 60;
/** What is kept of a tenant's events. */
export const eventStream = { keep: 10_000, ttlSeconds: 7 * DAY_SECONDS };
/** For readers of credentials an older condition is unknown; they read it from Temporal instead. */
const CONDITION_TTL_SECONDS = 30 * DAY_SECONDS;

/**
 * Writes the connection's condition for its readers, and appends the entries to its tenant's events. Rejects as the
 * store does.
 */
export async function publishNews(
  ephemeral: Pick<EphemeralStore, 'put' | 'append'>,
  { id, tenant, provider }: ConnectionRef,
  { status, problem, warnings, entries }: News,
): Promise<void> {
  const condition = { status, problem, warnings } as unknown as Json;
  await ephemeral.put(ephemeralKeys.condition(id), condition, CONDITION_TTL_SECONDS);
  for (const entry of entries) {
    const event = { connection: id, provider, status, ...entry } as unknown as Json;
    await ephemeral.append(ephemeralKeys.events(tenant), event, eventStream);
  }
}
