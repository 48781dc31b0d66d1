import { createSlots, type Slots } from '../../../platform/slots.ts';

/** Limits the calls at once by account and region, which is how AWS limits them, however many lists run there. */
export interface RegionSlots {
  use<T>(place: string, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
}

const AT_ONCE = 2;

export function createRegionSlots(): RegionSlots {
  const places = new Map<string, { readonly slots: Slots; users: number }>();
  return {
    async use(place, signal, work) {
      const known = places.get(place) ?? { slots: createSlots(AT_ONCE), users: 0 };
      places.set(place, known);
      known.users += 1;
      try {
        return await known.slots.use(signal, work);
      } finally {
        known.users -= 1;
        if (known.users === 0) places.delete(place);
      }
    },
  };
}
