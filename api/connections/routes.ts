import { Type } from 'typebox';
import type { App, AppDependencies } from '../http/app-types.ts';
import { tenantOf } from '../http/principal.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { ConnectionParams, described } from '../http/schema.ts';
import { createInvitationLinks } from '../sign-in/links.ts';
import { registerAttempts } from './attempts.ts';
import { registerCreate } from './create.ts';
import { registerGuide } from './guide.ts';
import { registerInvite, registerReauthorize } from './invite.ts';
import { registerList } from './list.ts';
import { connectionReply } from './reply.ts';
import { ConnectionSchema, TimelineEntrySchema } from './schema.ts';
import { registerTryNow } from './try-now.ts';
import { registerAnnotate, registerDisconnect, registerVerbs } from './verbs.ts';

export function registerConnections(app: App, deps: AppDependencies): void {
  const links = createInvitationLinks({ ...deps, publicUrl: deps.config.publicUrl });
  registerCreate(app, { ...deps, links });
  registerList(app, deps);
  registerGet(app, deps);
  registerGuide(app, deps);
  registerAnnotate(app, deps);
  registerDisconnect(app, deps);
  registerInvite(app, { ...deps, links });
  registerReauthorize(app, { ...deps, links });
  registerVerbs(app, deps);
  registerTryNow(app, deps);
  registerTimeline(app, deps);
  registerAttempts(app, deps);
}

function registerGet(app: App, { connections }: AppDependencies): void {
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

const Timeline = Type.Object({ items: Type.Array(described(TimelineEntrySchema)) });

function registerTimeline(app: App, { connections }: AppDependencies): void {
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
    async (request) => {
      const entries = await connections.timeline(tenantOf(request), request.params.id);
      return { items: entries.map(({ by = null, ...entry }) => ({ ...entry, by })) };
    },
  );
}
