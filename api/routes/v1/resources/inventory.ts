import type { App, AppDependencies } from '../../../app-types.ts';
import { tenantOf } from '../../../plugins/authentication.ts';
import { inventoryReply } from '../../../resources/resource-reply.ts';
import { problemReplies } from '../../../schemas/problem.ts';
import { described } from '../../../schemas/reference.ts';
import { ConnectionParams } from '../../../schemas/requests.ts';
import { InventorySchema } from '../../../schemas/resource.ts';

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
