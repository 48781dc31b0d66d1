import type { Actor } from '../../contracts/actor.ts';
import type { News } from '../../contracts/activities.ts';
import type { ConnectionView } from '../../contracts/connection.ts';

/**
 * The event that is published at the start: the first entry of the timeline, equal to the one that the workflow makes.
 */
export function invitedNews(view: ConnectionView, by: Actor | undefined): News {
  const { status, problem, warnings, createdAt, invitation } = view;
  const text = `Invitation made; it runs out at ${invitation?.expiresAt ?? createdAt}.`;
  return { status, problem, warnings, entries: [{ at: createdAt, event: 'invited', text, ...(by && { by }) }] };
}
