import type { Context, Info } from '@temporalio/activity';
import type { Told, WithEvents } from '../../contracts/activities.ts';
import type { ConnectionRef } from '../../contracts/connection.ts';
import { withDeadline } from '../../platform/deadline.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { beat, keepInHeartbeat } from '../heartbeat-details.ts';

/** Beside the work of the attempt, which takes longer: a renewal has 12 s, and must not wait for this. */
const DEADLINE_MS = 3_000;
/** The next attempt learns from this whether the events of its input have been told. */
const TOLD = { v: 1, told: true } as const;
const NOT_TOLD = { v: 1, told: false } as const;

/**
 * Tells the events of an activity's input on its first attempt, and again on each one until that has succeeded. Whether it
 * has is kept in the activity's heartbeat, with no other store to depend on: where that is lost, they are told again, and
 * each delivery exists already. Empty where the input has no events; never rejects.
 */
export async function tellInAttempt(
  { tellEndpoints, logger }: Pick<ActivityDependencies, 'tellEndpoints' | 'logger'>,
  { connection, events = [] }: Pick<WithEvents, 'events'> & { readonly connection: ConnectionRef },
  context: Context,
): Promise<Told> {
  if (events.length === 0) return {};
  if (toldIn(context.info) === true) {
    keepInHeartbeat(context, TOLD);
    return { told: true };
  }
  try {
    await withDeadline(DEADLINE_MS, async () => await tellEndpoints({ tenant: connection.tenant, events }));
  } catch (error) {
    logger.warn(
      { err: error, connection: connection.id, events: events.map(({ id }) => id) },
      'Webhook endpoints could not be told yet; it is tried again.',
    );
    return remember(context, NOT_TOLD);
  }
  return remember(context, TOLD);
}

/** Whether this attempt was asked for early, because the one before could not tell. */
export const wasNotTold = (info: Info): boolean => toldIn(info) === false;

function remember(context: Context, details: typeof TOLD | typeof NOT_TOLD): Told {
  keepInHeartbeat(context, details);
  beat(context);
  return { told: details.told };
}

const toldIn = ({ heartbeatDetails }: Info): boolean | undefined =>
  (heartbeatDetails as { readonly told?: boolean } | null | undefined)?.told;
