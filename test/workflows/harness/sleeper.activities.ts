import { iso } from '../../../contracts/time.ts';
import type { Clock } from '../../../platform/clock.ts';

export const createSleeperActivities = (clock: Clock) => ({
  timeOfDay: async (): Promise<string> => iso(clock.now()),
});

export type SleeperActivities = ReturnType<typeof createSleeperActivities>;
