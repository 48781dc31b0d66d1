import type { App, AppDependencies } from '../../../app-types.ts';
import { connectionReply } from '../../../connection-reply.ts';
import { tenantOf } from '../../../plugins/authentication.ts';
import { ConnectionSchema } from '../../../schemas/connection.ts';
import { problemReplies } from '../../../schemas/problem.ts';
import { described } from '../../../schemas/reference.ts';
import { ConnectionParams } from '../../../schemas/requests.ts';

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
