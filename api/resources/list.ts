import type { App, AppDependencies } from '../http/app-types.ts';
import { createCursors } from '../http/cursor.ts';
import { tenantOf } from '../http/plugins/authentication.ts';
import { acrossConnections } from './across-connections.ts';
import { resourceReply } from './reply.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { ResourcePageQuery } from './schema.ts';
import { openedPlace, ResourcePage, sealedPlace } from './page.ts';

export function registerListResources(app: App, { connections, inventory, keyRing }: AppDependencies): void {
  const cursors = createCursors(keyRing, 'resources');
  app.get(
    '/v1/resources',
    {
      config: { access: 'connections:read' },
      schema: {
        operationId: 'listResources',
        summary: 'Resources across all connections',
        description:
          'Connection by connection; within one by kind, project and name. A page may be short, or empty, and have another behind it: go on until `nextCursor` is null.',
        tags: ['resources'],
        querystring: ResourcePageQuery,
        response: { 200: ResourcePage, ...problemReplies(400, 401, 403, 422, 429, 503) },
      },
    },
    async (request) => {
      const tenant = tenantOf(request);
      const { limit = 100, cursor, ...filters } = request.query;
      const after = openedPlace(cursors, tenant, filters, cursor);
      const ids = await connections.ids(tenant);
      const { found, next } = await acrossConnections(inventory, ids, filters, after, limit);
      return {
        items: found.map(({ connection, row }) => resourceReply(connection, row)),
        nextCursor: sealedPlace(cursors, tenant, filters, next),
      };
    },
  );
}
