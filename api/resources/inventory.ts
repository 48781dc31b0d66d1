import type { InventoryPartition } from '../../stores/inventory/port.ts';
import type { App, AppDependencies } from '../http/app-types.ts';
import { tenantOf } from '../http/principal.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { ConnectionParams, described } from '../http/schema.ts';
import { labelOf, listedByManifest } from './manifest.ts';
import { missingRights } from './missing-rights.ts';
import { InventorySchema, type InventoryReply } from './schema.ts';

export function registerInventory(app: App, { connections, inventory, providers }: AppDependencies): void {
  app.get(
    '/v1/connections/:id/inventory',
    {
      config: { access: 'connections:read' },
      schema: {
        operationId: 'getInventory',
        summary: 'What is known of an account, and how fresh it is',
        description: 'Counts, freshness, the last problem and missing rights, by kind and project.',
        tags: ['resources'],
        params: ConnectionParams,
        response: { 200: described(InventorySchema), ...problemReplies(400, 401, 403, 404, 429, 503) },
      },
    },
    async (request) => {
      const connection = await connections.ref(tenantOf(request), request.params.id);
      const { discovery } = listedByManifest(providers, connection);
      return inventoryReply(await inventory.partitions(connection.id), (kind) => labelOf(discovery, kind));
    },
  );
}

/** Partitions by kind. A kind is as fresh as the oldest of its lists. */
function inventoryReply(partitions: readonly InventoryPartition[], labelFor: (kind: string) => string): InventoryReply {
  const kinds = [...Map.groupBy(partitions, ({ kind }) => kind)].map(([kind, all]) => ({
    kind,
    label: labelFor(kind),
    resources: sum(all),
    listedAt: oldest(all.map(({ listedAt }) => listedAt)),
    stale: all.filter(({ stale }) => stale !== null).length,
    denied: all.filter(isDenied).length,
    missing: missingRights(all).flatMap(({ action }) => action ?? []),
    partitions: all.map(partitionReply),
  }));
  return { resources: sum(partitions), denied: partitions.filter(isDenied).length, kinds };
}

const partitionReply = (partition: InventoryPartition): InventoryReply['kinds'][number]['partitions'][number] => {
  const { project, resources, generation, listedAt, source, stale, denied } = partition;
  return { project, resources, generation, listedAt, source, stale, denied };
};

const isDenied = ({ denied }: InventoryPartition): boolean => denied !== null;

const sum = (partitions: readonly InventoryPartition[]): number =>
  partitions.reduce((total, { resources }) => total + resources, 0);

const oldest = (instants: readonly (string | null)[]): string | null =>
  instants.reduce((least, at) => (least === null || at === null ? null : at < least ? at : least));
