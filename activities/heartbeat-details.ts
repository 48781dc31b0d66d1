import type { Context } from '@temporalio/activity';

const detailsOf = new WeakMap<Context, unknown>();

/**
 * Keeps what the next attempt must know of this one. The worker's interceptor sends heartbeats for every activity. Each
 * heartbeat replaces the details of the previous one, so it must send these again.
 */
export function keepInHeartbeat(context: Context, details: unknown): void {
  detailsOf.set(context, details);
}

export function beat(context: Context): void {
  context.heartbeat(detailsOf.get(context));
}
