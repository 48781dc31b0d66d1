import type { Actor } from '../../contracts/actor.ts';
import type { News } from '../../contracts/activities.ts';
import type { ConnectionView } from '../../contracts/connection.ts';
import { createdEvent } from '../../contracts/webhook-events.ts';
import type { Logger } from '../../platform/logger.ts';
import type { TellEndpoints } from '../../stores/webhooks/tell-endpoints.ts';

/**
 * The event that is published at the start: the first entry of the timeline, equal to the one that the workflow makes.
 */
export function invitedNews(view: ConnectionView, by: Actor | undefined): News {
  const { status, problem, warnings, createdAt, invitation } = view;
  const text = `Invitation made; it runs out at ${invitation?.expiresAt ?? createdAt}.`;
  return { status, problem, warnings, entries: [{ at: createdAt, event: 'invited', text, ...(by && { by }) }] };
}

/**
 * Tells webhook endpoints of a new connection at once. Best effort, and nobody waits for it: the workflow tells the same
 * with what comes next, or after a day, and each delivery exists once. Never rejects.
 */
export async function tellStart(
  { tellEndpoints, logger }: { readonly tellEndpoints: TellEndpoints; readonly logger: Logger },
  view: ConnectionView,
): Promise<void> {
  try {
    await tellEndpoints({ tenant: view.tenant, events: [createdEvent(view)] });
  } catch (error) {
    logger.warn({ err: error, connection: view.id }, 'Webhook endpoints were not told yet of a new connection.');
  }
}
