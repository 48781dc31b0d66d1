import { createProviderCatalog, type ProviderCatalog } from '../../../../api/connections/provider-catalog.ts';
import type { ResourceKind } from '../../../../providers/manifests/types.ts';
import { resolveSettings } from '../../../../providers/manifests/settings.ts';
import type { InventoryPartition } from '../../../../stores/inventory/port.ts';
import { problem } from '../../../contract/inventory.rows.ts';
import { formMethod, skyWith } from '../manifests.ts';

const kind = (id: string, label: string, right: string): ResourceKind => ({
  id,
  label,
  scope: 'project',
  needs: [right],
  grant: `Add ${right} to the role.`,
});

export const SINCE = '2026-11-20T08:00:00.000Z';

/** A catalogue whose only cloud lists four kinds, under the id of the cloud that the first connection is of. */
export function catalogOfSky({ discovers = true }: { readonly discovers?: boolean } = {}): ProviderCatalog {
  const method = formMethod({
    id: 'authorization_code',
    discovers,
    cannotList: { function: 'Its scope does not allow it.' },
  });
  const manifest = {
    ...skyWith(method),
    id: 'ovh',
    discovery: {
      projectKind: 'region',
      sources: { rest: 'By the API of Sky.' },
      kinds: [
        kind('instance', 'Machines', 'sky:ListMachines'),
        kind('volume', 'Disks', 'sky:ListVolumes'),
        kind('database', 'Databases', 'sky:ListDatabases'),
        kind('bucket', 'Buckets', 'sky:ListBuckets'),
        kind('function', 'Functions', 'sky:ListFunctions'),
      ],
    },
  };
  return createProviderCatalog([resolveSettings(manifest, {})]);
}

export const partition = (more: Partial<InventoryPartition> = {}): InventoryPartition => ({
  kind: 'instance',
  project: 'p1',
  generation: 1,
  resources: 0,
  regions: {},
  listedAt: SINCE,
  source: 'rest',
  stale: null,
  denied: null,
  ...more,
});

/** A list that the credential has no right to make. */
export const denied = (action: string | null, more: Partial<InventoryPartition> = {}): InventoryPartition =>
  partition({ listedAt: null, stale: { since: SINCE, problem }, denied: { since: SINCE, action }, ...more });
