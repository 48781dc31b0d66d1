import { Type } from 'typebox';
import type { App, AppDependencies } from '../../../app-types.ts';
import { tenantOf } from '../../../plugins/authentication.ts';
import { TimelineEntrySchema } from '../../../schemas/connection.ts';
import { problemReplies } from '../../../schemas/problem.ts';
import { described } from '../../../schemas/reference.ts';
import { ConnectionParams } from '../../../schemas/requests.ts';

const Timeline = Type.Object({ items: Type.Array(described(TimelineEntrySchema)) });

export function registerTimeline(app: App, { connections }: AppDependencies): void {
  app.get(
    '/v1/connections/:id/timeline',
    {
      config: { access: 'connections:read' },
      schema: {
        operationId: 'getTimeline',
        summary: 'What happened to a connection',
        description:
          'The newest entries, oldest first. Needs a worker: where none answers, and once Temporal has forgotten the connection, it is one entry with the present status.',
        tags: ['connections'],
        params: ConnectionParams,
        response: { 200: Timeline, ...problemReplies(400, 401, 403, 404, 429, 503) },
      },
    },
    async (request) => ({ items: [...(await connections.timeline(tenantOf(request), request.params.id))] }),
  );
}
