import { Type, type Static } from 'typebox';
import type { ConnectionView } from '../../contracts/connection.ts';
import { EphemeralStoreUnavailable } from '../../stores/ephemeral/port.ts';
import type { Inventory, InventoryPartition } from '../../stores/inventory/port.ts';
import type { ProviderCatalog } from '../connections/provider-catalog.ts';
import { nullable } from '../http/schema.ts';
import { labelOf, listedByManifest } from '../resources/manifest.ts';
import { missingRights } from '../resources/missing-rights.ts';

/** Of each kind; the page says how many there are beside them. */
const ROWS_SHOWN = 25;
/** A kind with more resources is folded until it is opened. */
const ROWS_UNFOLDED = 8;

export const FoundSchema = Type.Object(
  {
    listing: Type.Boolean({ description: 'Still being listed: there will be more.' }),
    title: Type.String(),
    kinds: Type.Array(
      Type.Object({
        kind: Type.String(),
        title: Type.String({ description: 'What it is, how many there are, and why that may not be all.' }),
        open: Type.Boolean({ description: 'Few enough to be shown at once.' }),
        rows: Type.Array(
          Type.Object({
            name: Type.String(),
            consoleUrl: nullable(Type.String({ description: 'Its page in the cloud’s console; https.' })),
            region: nullable(Type.String()),
            status: nullable(Type.String()),
          }),
        ),
        more: nullable(Type.String({ description: 'How many are not among the rows.' })),
      }),
    ),
  },
  { description: 'What was found in the account so far.' },
);
export type Found = Static<typeof FoundSchema>;
type FoundKind = Found['kinds'][number];

export interface FoundDependencies {
  readonly inventory: Pick<Inventory, 'page' | 'partitions'>;
  readonly providers: Pick<ProviderCatalog, 'all'>;
}

/**
 * The resources found in the account, for the person who connected it. Null when this method discovers nothing, or when
 * the store does not answer; the result of the sign-in is shown in any case.
 */
export async function foundResources(
  { inventory, providers }: FoundDependencies,
  view: ConnectionView,
): Promise<Found | null> {
  const { id, discovery } = view;
  if (!discovery) return null;
  try {
    const listed = listedByManifest(providers, view);
    const partitions = await inventory.partitions(id);
    const rankOf = (kind: string): number => listed.discovery?.kinds.findIndex(({ id: each }) => each === kind) ?? 0;
    const kinds = [...Map.groupBy(partitions, ({ kind }) => kind)].toSorted(
      ([one], [other]) => rankOf(one) - rankOf(other),
    );
    const shown = await Promise.all(
      kinds.map(async ([kind, all]) => await foundKind(inventory, id, labelOf(listed.discovery, kind), all)),
    );
    // The first discovery begins by itself, a moment after the account is connected.
    const listing = discovery.running !== null || discovery.last === null;
    return { listing, title: titleOf(listing, countOf(partitions)), kinds: shown.filter((kind) => kind !== null) };
  } catch (error) {
    if (!(error instanceof EphemeralStoreUnavailable)) throw error;
    return null;
  }
}

/** Null where there is nothing of the kind, and that is certain. */
async function foundKind(
  inventory: Pick<Inventory, 'page'>,
  connection: string,
  label: string,
  partitions: readonly InventoryPartition[],
): Promise<FoundKind | null> {
  const [first] = partitions;
  const count = countOf(partitions);
  const why = whyNotAll(partitions);
  if (!first || (count === 0 && why === null)) return null;
  const { kind } = first;
  const rows = count === 0 ? [] : (await inventory.page(connection, { kind }, null, ROWS_SHOWN)).rows;
  return {
    kind,
    title: `${label}: ${count}${why === null ? '' : ` (${why})`}`,
    open: count <= ROWS_UNFOLDED,
    rows: rows.map(({ name, consoleUrl, region, status }) => ({
      name,
      consoleUrl: httpsAddress(consoleUrl),
      region,
      status,
    })),
    more: count > rows.length ? `And ${count - rows.length} more.` : null,
  };
}

function whyNotAll(partitions: readonly InventoryPartition[]): string | null {
  if (partitions.every(({ stale, denied }) => stale === null && denied === null)) return null;
  const actions = missingRights(partitions).flatMap(({ action }) => action ?? []);
  return actions.length > 0 ? `not all could be listed: ${actions.join(', ')} is missing` : 'not all could be listed';
}

function titleOf(listing: boolean, resources: number): string {
  const count = `${resources} ${resources === 1 ? 'resource' : 'resources'}`;
  return listing ? `Looking for resources: ${count} so far` : `${count} found`;
}

const countOf = (partitions: readonly InventoryPartition[]): number =>
  partitions.reduce((sum, { resources }) => sum + resources, 0);

/** An address of another scheme could be a script, and what a cloud says may be anything. */
function httpsAddress(address: string | null): string | null {
  const url = address === null ? null : URL.parse(address);
  return url?.protocol === 'https:' ? url.href : null;
}
