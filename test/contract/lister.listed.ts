import type { KindListing, ListFailure, Listing } from '../../providers/listing/lister.ts';
import { ProviderError } from '../../providers/provider.ts';
import type { InventoryRow } from '../../stores/inventory/port.ts';
import type { CloudUnderTest } from './lister.harness.ts';

/** What a lister answers for each of its kinds; a list that throws is a failure of all its kinds. */
export type Listed = ReadonlyMap<string, KindListing>;

const never = new AbortController().signal;

export async function listAll({ lister, projectId, context }: CloudUnderTest, signal = never): Promise<Listed> {
  const { projectKind } = lister.manifest;
  const all: KindListing[] = [];
  if (projectKind !== null) all.push(...(await kindsOf([projectKind], lister.listProjects(context(signal)))));
  for (const { id, scope, kinds } of lister.lists) {
    const request = { list: id, kinds, projectId: scope === 'project' ? projectId : null };
    all.push(...(await kindsOf(kinds, lister.list(context(signal), request))));
  }
  return new Map(all.map((each) => [each.kind, each]));
}

async function kindsOf(kinds: readonly string[], listing: Promise<Listing>): Promise<readonly KindListing[]> {
  try {
    return (await listing).kinds;
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    const { class: problemClass, problem, retryAfterSeconds } = error;
    const failure = { class: problemClass, problem, retryAfterSeconds, denied: null };
    return kinds.map((kind) => ({ kind, outcome: 'failed', failure }));
  }
}

export const rowsIn = (listed: Listed, kind: string): readonly InventoryRow[] => {
  const listing = listed.get(kind);
  return listing?.outcome === 'listed' ? listing.rows : [];
};

/** Why a kind is not complete; empty = it is. */
export function troubleIn(listed: Listed, kind: string): readonly ListFailure[] {
  const listing = listed.get(kind);
  if (!listing) throw new Error(`Nothing was answered for the kind "${kind}".`);
  return listing.outcome === 'failed' ? [listing.failure] : listing.losses;
}

/** The kinds that are not among those, as they were listed. */
export const without = (listed: Listed, kinds: readonly string[]) =>
  [...listed].filter(([kind]) => !kinds.includes(kind));
