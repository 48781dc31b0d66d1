import { Type } from 'typebox';
import type { App, AppDependencies } from '../http/app-types.ts';
import { tenantOf } from '../http/plugins/authentication.ts';
import { TimelineEntrySchema } from './schema.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { described } from '../http/schema.ts';
import { ConnectionParams } from '../http/requests.ts';

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
