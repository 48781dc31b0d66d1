import { Type, type Static } from 'typebox';
import type { Inventory } from '../../stores/inventory/port.ts';
import { EphemeralStoreUnavailable } from '../../stores/ephemeral/port.ts';
import type { ConnectionView } from '../../contracts/connection.ts';

/** A page for people: beyond this it says how many there are. */
const SHOWN = 100;

export const FoundSchema = Type.Object(
  {
    listing: Type.Boolean({ description: 'Still being listed: there will be more.' }),
    resources: Type.Integer(),
    kinds: Type.Array(
      Type.Object({
        kind: Type.String(),
        resources: Type.Integer(),
        incomplete: Type.Boolean({ description: 'Not everything could be listed.' }),
      }),
    ),
    shown: Type.Array(
      Type.Object({
        kind: Type.String(),
        name: Type.String(),
        region: Type.Union([Type.String(), Type.Null()]),
        status: Type.Union([Type.String(), Type.Null()]),
      }),
      { description: 'The first of them.' },
    ),
  },
  { description: 'What was found in the account so far.' },
);
export type Found = Static<typeof FoundSchema>;

/**
 * What was found in an account, for the person who connected it. Null where nothing is looked for, or where the store does
 * not answer: the result of the sign-in is told all the same.
 */
export async function foundResources(
  inventory: Pick<Inventory, 'page' | 'partitions'>,
  { id, discovery }: ConnectionView,
): Promise<Found | null> {
  if (!discovery) return null;
  try {
    const partitions = await inventory.partitions(id);
    const { rows } = await inventory.page(id, {}, null, SHOWN);
    const kinds = [...Map.groupBy(partitions, ({ kind }) => kind)].map(([kind, all]) => ({
      kind: inWords(kind),
      resources: all.reduce((sum, { resources }) => sum + resources, 0),
      incomplete: all.some(({ stale }) => stale !== null),
    }));
    return {
      // The first discovery begins by itself, a moment after the account is connected.
      listing: discovery.running !== null || discovery.last === null,
      resources: kinds.reduce((sum, { resources }) => sum + resources, 0),
      kinds,
      shown: rows.map(({ kind, name, region, status }) => ({ kind: inWords(kind), name, region, status })),
    };
  } catch (error) {
    if (!(error instanceof EphemeralStoreUnavailable)) throw error;
    return null;
  }
}

/** `load_balancer` is for programs. */
const inWords = (kind: string): string => kind.replaceAll('_', ' ');
