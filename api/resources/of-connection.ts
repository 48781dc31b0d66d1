import type { App, AppDependencies } from '../http/app-types.ts';
import { createCursors } from '../http/cursor.ts';
import { tenantOf } from '../http/plugins/authentication.ts';
import { resourceReply } from './reply.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { ConnectionParams } from '../http/requests.ts';
import { ResourcePageQuery } from './schema.ts';
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
