import { Type } from 'typebox';
import { connectionStatuses } from '../../contracts/connection.ts';
import { webhookEventTypes } from '../../contracts/webhooks.ts';
import { ProblemSchema } from '../connections/schema.ts';
import { instant, nullable } from '../http/schema.ts';

/** What every event has, whatever its type. */
export const eventFields = {
  id: Type.String({ description: 'The same however often it is sent: process each id once.' }),
  timestamp: instant('When it happened.'),
  test: Type.Optional(Type.Literal(true, { description: 'Sent on request, as a sample: nothing has happened.' })),
} as const;

export const ConnectionEventDataSchema = Type.Object(
  {
    connection: Type.Object({
      id: Type.String(),
      tenant: Type.String(),
      provider: Type.String(),
      region: Type.String(),
      method: Type.String(),
      name: nullable(Type.String()),
      tags: Type.Array(Type.String()),
      account: nullable(Type.Object({ id: Type.String(), displayName: nullable(Type.String()) })),
      status: Type.Enum([...connectionStatuses], { description: 'After this event.' }),
      statusSince: instant(),
    }),
    previousStatus: nullable(Type.Enum([...connectionStatuses])),
    sequence: Type.Integer({
      minimum: 1,
      description:
        'Counts the events of this connection from 1, without a gap. One that is not higher than the last is late: ignore it.',
    }),
    problem: nullable(ProblemSchema),
  },
  { $id: 'ConnectionEventData', description: 'What has happened to a connection. Never a credential.' },
);

export const EndpointEventDataSchema = Type.Object(
  {
    endpoint: Type.Object({
      id: Type.String(),
      origin: Type.String({ description: 'Of its URL, whose path may be a secret of the receiver.' }),
      description: nullable(Type.String()),
      createdAt: instant(),
    }),
    failing: Type.Optional(
      nullable(
        Type.Object({ since: instant(), attempts: Type.Integer(), warnedAt: nullable(instant()) }),
        'How long nothing could be delivered to it.',
      ),
    ),
    disablesAt: Type.Optional(
      instant('`webhook_endpoint.failing` alone: when it is disabled unless a delivery succeeds.'),
    ),
    reason: Type.Optional(
      Type.Enum(['gone', 'failing'], {
        description: '`webhook_endpoint.disabled` alone: it answered 410, or nothing was delivered for five days.',
      }),
    ),
  },
  { $id: 'WebhookEndpointEventData', description: 'Which endpoint of the tenant is meant.' },
);

/** Any event, as it is shown with its delivery. */
export const WebhookEventSchema = Type.Object(
  {
    ...eventFields,
    type: Type.Enum([...webhookEventTypes]),
    data: Type.Object(
      {},
      { additionalProperties: true, description: 'As the section `webhooks` has it for each type.' },
    ),
  },
  { $id: 'WebhookEvent', description: 'An event, as it is sent (Standard Webhooks 1.0.0).' },
);
