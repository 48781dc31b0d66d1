import type { Json } from '../../platform/json.ts';
import { ephemeralKeys } from '../../stores/ephemeral/keys.ts';
import { eventStream } from '../../stores/ephemeral/news.ts';
import { EphemeralStoreUnavailable } from '../../stores/ephemeral/port.ts';
import type { ConnectionRef } from '../../contracts/connection.ts';
import { iso } from '../../contracts/time.ts';
import type { ActivityDependencies } from '../dependencies.ts';

export type EventDependencies = Pick<ActivityDependencies, 'ephemeral' | 'clock' | 'logger'>;

/** Appends what a discovery has to tell to the tenant's events. Best effort. */
export async function appendEvents(
  { ephemeral, clock, logger }: EventDependencies,
  { id, tenant, provider }: ConnectionRef,
  events: readonly { readonly [key: string]: Json }[],
): Promise<void> {
  const about = { connection: id, provider, at: iso(clock.now()) };
  try {
    for (const event of events) {
      await ephemeral.append(ephemeralKeys.events(tenant), { ...about, ...event }, eventStream);
    }
  } catch (error) {
    if (!(error instanceof EphemeralStoreUnavailable)) throw error;
    logger.warn(
      { err: error, connection: id },
      'What a discovery found was not published: the ephemeral store does not answer.',
    );
  }
}
