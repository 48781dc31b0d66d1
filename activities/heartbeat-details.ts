import type { Context } from '@temporalio/activity';

const detailsOf = new WeakMap<Context, unknown>();

/**
 * What the next attempt must know of this one. The worker's interceptor beats for every activity; each beat replaces
 * the details of the one before, so that it has to send these again.
 */
export function keepInHeartbeat(context: Context, details: unknown): void {
  detailsOf.set(context, details);
}

export function beat(context: Context): void {
  context.heartbeat(detailsOf.get(context));
}
