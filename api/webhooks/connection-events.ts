import { Type, type Static } from 'typebox';
import type { ConnectionEventData, WebhookEvent } from '../../contracts/webhooks.ts';
import { readEvents } from '../../stores/webhooks/events.ts';
import type { App, AppDependencies } from '../http/app-types.ts';
import { tenantOf } from '../http/principal.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { ConnectionParams, described } from '../http/schema.ts';
import { WebhookEventSchema } from './event-schema.ts';

const Query = Type.Object(
  {
    after: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
        default: 0,
        description: 'The `sequence` of the last event that was received.',
      }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
  },
  { additionalProperties: false },
);

const EventsPage = Type.Object({
  items: Type.Array(described(WebhookEventSchema), { description: 'In the order of their sequence.' }),
  complete: Type.Boolean({
    description:
      'False: the events right after `after` are not kept any more. Read the connection for its present state.',
  }),
  more: Type.Boolean({ description: 'True: go on with `after` = the sequence of the last item.' }),
});

export function registerConnectionEvents(app: App, { connections, ephemeral }: AppDependencies): void {
  app.get(
    '/v1/connections/:id/events',
    {
      config: { access: 'connections:read' },
      schema: {
        operationId: 'listConnectionEvents',
        summary: 'The events of a connection, after one that was received',
        description:
          'As webhooks deliver them, whether there are endpoints or not: for a receiver that sees a gap in `sequence`. Events of the last seven days are kept, up to 10,000 for the tenant.',
        tags: ['events'],
        params: ConnectionParams,
        querystring: Query,
        response: { 200: EventsPage, ...problemReplies(400, 401, 403, 404, 429, 503) },
      },
    },
    async (request) => {
      const tenant = tenantOf(request);
      const { id } = request.params;
      const { after = 0, limit = 50 } = request.query;
      await connections.assertOwned(tenant, id);
      const found = new Map<number, WebhookEvent>();
      for await (const { event } of readEvents(ephemeral, tenant)) {
        const sequence = sequenceOf(event, id);
        if (sequence !== undefined && sequence > after) found.set(sequence, event);
      }
      const events = [...found].sort(([a], [b]) => a - b);
      const page = events.slice(0, limit);
      return {
        items: page.map(([, event]) => event as unknown as Static<typeof WebhookEventSchema>),
        complete: page.every(([sequence], index) => sequence === after + index + 1),
        more: events.length > page.length,
      };
    },
  );
}

/** Undefined where it is of another connection, or of none. */
function sequenceOf({ data }: WebhookEvent, connectionId: string): number | undefined {
  const { connection, sequence } = data as Partial<ConnectionEventData>;
  return connection?.id === connectionId ? sequence : undefined;
}
