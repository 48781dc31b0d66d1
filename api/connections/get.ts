import type { App, AppDependencies } from '../http/app-types.ts';
import { connectionReply } from './reply.ts';
import { tenantOf } from '../http/plugins/authentication.ts';
import { ConnectionSchema } from './schema.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { described } from '../http/schema.ts';
import { ConnectionParams } from '../http/requests.ts';

export function registerGet(app: App, { connections }: AppDependencies): void {
  app.get(
    '/v1/connections/:id',
    {
      config: { access: 'connections:read' },
      schema: {
        operationId: 'getConnection',
        summary: 'One connection',
        description:
          'Needs no worker: it is what Temporal itself has of the connection, or its tombstone once Temporal has forgotten it. The header `mooring-view-source` says which: temporal or tombstone.',
        tags: ['connections'],
        params: ConnectionParams,
        response: { 200: described(ConnectionSchema), ...problemReplies(400, 401, 403, 404, 429, 503) },
      },
    },
    async (request, reply) => {
      const found = await connections.view(tenantOf(request), request.params.id);
      reply.header('mooring-view-source', found.source);
      return connectionReply(found.view, found);
    },
  );
}
