import type { temporal } from '@temporalio/proto';
import { optionalTsToMs } from './sdk-internals.ts';

export type PendingActivity = temporal.api.workflow.v1.IPendingActivityInfo;

/** temporal.api.enums.v1.PendingActivityState. */
const SCHEDULED = 1;
const CANCEL_REQUESTED = 3;

/** True between two attempts, and before the first. */
export const isBetweenTries = ({ state }: PendingActivity): boolean => Number(state) === SCHEDULED;

export const isBeingCancelled = ({ state }: PendingActivity): boolean => Number(state) === CANCEL_REQUESTED;

/**
 * When the next attempt of an activity is due, in Unix milliseconds. Once it is due and waits in its queue, the server
 * reports the time in another field.
 */
export const dueAtMs = ({ nextAttemptScheduleTime, scheduledTime }: PendingActivity): number =>
  optionalTsToMs(nextAttemptScheduleTime) ?? optionalTsToMs(scheduledTime) ?? Infinity;
