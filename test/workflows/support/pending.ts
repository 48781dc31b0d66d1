import { ApplicationFailure, defaultFailureConverter, defaultPayloadConverter } from '@temporalio/common';
import type { ConnectionActivities, UpkeepReport } from '../../../contracts/activities.ts';
import type { Connection } from './connection.ts';
import type { World } from './world.ts';

/** The pending `keepFresh` as Temporal shows it to an operator. `attempt` 0 = none is pending. */
export interface PendingUpkeep {
  readonly attempt: number;
  readonly sentence: string | null;
  readonly report: UpkeepReport | null;
}

const KEEP_FRESH = 'keepFresh' satisfies keyof ConnectionActivities;

export async function upkeepOf(_world: World, connection: Pick<Connection, 'handle'>): Promise<PendingUpkeep> {
  const { raw } = await connection.handle.describe();
  const pending = (raw.pendingActivities ?? []).find(({ activityType }) => activityType?.name === KEEP_FRESH);
  if (!pending) return { attempt: 0, sentence: null, report: null };
  const failure = pending.lastFailure
    ? defaultFailureConverter.failureToError(pending.lastFailure, defaultPayloadConverter)
    : undefined;
  const report = failure instanceof ApplicationFailure ? (failure.details?.[0] as UpkeepReport | undefined) : undefined;
  return { attempt: pending.attempt ?? 0, sentence: failure?.message ?? null, report: report ?? null };
}
