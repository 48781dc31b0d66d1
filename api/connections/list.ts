import { Type } from 'typebox';
import { connectionStatuses } from '../../contracts/connection.ts';
import type { App, AppDependencies } from '../http/app-types.ts';
import { createCursors } from '../http/cursor.ts';
import { tenantOf } from '../http/plugins/authentication.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { CursorSchema, described, IdSchema, TagSchema } from '../http/schema.ts';
import type { ListFilters } from '../temporal/visibility.ts';
import { connectionReply } from './reply.ts';
import { ConnectionSchema, ConnectionStatusSchema } from './schema.ts';

const Query = Type.Object(
  {
    status: Type.Optional(
      Type.Array(ConnectionStatusSchema, {
        maxItems: connectionStatuses.length,
        description: 'Any of these; repeat the parameter for more.',
      }),
    ),
    provider: Type.Optional(IdSchema),
    region: Type.Optional(IdSchema),
    method: Type.Optional(IdSchema),
    reason: Type.Optional(
      Type.String({ pattern: '^[A-Za-z0-9_.:-]{1,100}$', description: 'Code of the present problem.' }),
    ),
    tag: Type.Optional(TagSchema),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
    cursor: Type.Optional(CursorSchema),
  },
  { additionalProperties: false },
);

const PageSchema = Type.Object({
  items: Type.Array(described(ConnectionSchema)),
  nextCursor: Type.Union([Type.String(), Type.Null()], { description: 'Null on the last page.' }),
});

export function registerList(app: App, { connections, keyRing }: AppDependencies): void {
  const cursors = createCursors(keyRing);
  app.get(
    '/v1/connections',
    {
      config: { access: 'connections:read' },
      schema: {
        operationId: 'listConnections',
        summary: 'The tenant’s connections',
        description:
          'Newest first, from Temporal’s visibility: a change shows within about a second. Ended ones are listed as long as Temporal retains them. A page may be short, or empty, and have another behind it: go on until `nextCursor` is null.',
        tags: ['connections'],
        querystring: Query,
        response: { 200: PageSchema, ...problemReplies(400, 401, 403, 429, 503) },
      },
    },
    async (request) => {
      const tenant = tenantOf(request);
      const { limit = 50, cursor, ...filters }: ListFilters & { limit?: number; cursor?: string } = request.query;
      const pageToken = cursor === undefined ? undefined : cursors.open(tenant, filters, cursor);
      const page = await connections.list(tenant, filters, { limit, pageToken });
      return {
        items: page.views.map((view) => connectionReply(view)),
        nextCursor: page.nextPageToken ? cursors.seal(tenant, filters, page.nextPageToken) : null,
      };
    },
  );
}
