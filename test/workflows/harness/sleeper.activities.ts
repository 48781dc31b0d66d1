import { isoAt, type Clock } from '../../../platform/clock.ts';

export const createSleeperActivities = (clock: Clock) => ({
  timeOfDay: async (): Promise<string> => isoAt(clock.now()),
});

export type SleeperActivities = ReturnType<typeof createSleeperActivities>;
