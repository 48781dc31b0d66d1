import type { App, AppDependencies } from '../http/app-types.ts';
import { tenantOf } from '../http/plugins/authentication.ts';
import { inventoryReply } from './reply.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { described } from '../http/schema.ts';
import { ConnectionParams } from '../http/requests.ts';
import { InventorySchema } from './schema.ts';

export function registerInventory(app: App, { connections, inventory }: AppDependencies): void {
  app.get(
    '/v1/connections/:id/inventory',
    {
      config: { access: 'connections:read' },
      schema: {
        operationId: 'getInventory',
        summary: 'What is known of an account, and how fresh it is',
        description: 'Counts, freshness and the last problem, by kind and project.',
        tags: ['resources'],
        params: ConnectionParams,
        response: { 200: described(InventorySchema), ...problemReplies(400, 401, 403, 404, 429, 503) },
      },
    },
    async (request) => {
      const { id } = request.params;
      await connections.assertOwned(tenantOf(request), id);
      return inventoryReply(await inventory.partitions(id));
    },
  );
}
