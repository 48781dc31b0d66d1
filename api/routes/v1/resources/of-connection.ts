import type { App, AppDependencies } from '../../../app-types.ts';
import { createCursors } from '../../../gateway/cursor.ts';
import { tenantOf } from '../../../plugins/authentication.ts';
import { resourceReply } from '../../../resources/resource-reply.ts';
import { problemReplies } from '../../../schemas/problem.ts';
import { ConnectionParams } from '../../../schemas/requests.ts';
import { ResourcePageQuery } from '../../../schemas/resource.ts';
import { openedPlace, ResourcePage, sealedPlace } from './page.ts';

export function registerResourcesOfConnection(app: App, { connections, inventory, keyRing }: AppDependencies): void {
  const cursors = createCursors(keyRing, 'resources-of-connection');
  app.get(
    '/v1/connections/:id/resources',
    {
      config: { access: 'connections:read' },
      schema: {
        operationId: 'listResourcesOfConnection',
        summary: 'Resources of a connection',
        description: 'As they were last listed, by kind, project and name. The inventory says how fresh they are.',
        tags: ['resources'],
        params: ConnectionParams,
        querystring: ResourcePageQuery,
        response: { 200: ResourcePage, ...problemReplies(400, 401, 403, 404, 429, 503) },
      },
    },
    async (request) => {
      const tenant = tenantOf(request);
      const { id } = request.params;
      const { limit = 100, cursor, ...filters } = request.query;
      const bound = { ...filters, connection: id };
      const after = openedPlace(cursors, tenant, bound, cursor);
      await connections.assertOwned(tenant, id);
      const { rows, next } = await inventory.page(id, filters, after, limit);
      return {
        items: rows.map((row) => resourceReply(id, row)),
        nextCursor: sealedPlace(cursors, tenant, bound, next),
      };
    },
  );
}
