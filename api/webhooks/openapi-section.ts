import { Type } from 'typebox';
import { connectionEventTypes, webhookEventTypes, type WebhookEventType } from '../../contracts/webhooks.ts';
import { ConnectionEventDataSchema, EndpointEventDataSchema, eventFields } from './event-schema.ts';
import { eventDescriptions } from './event-types.ts';

const header = (name: string, description: string) => ({
  name,
  in: 'header',
  required: true,
  description,
  schema: { type: 'string' },
});

/** Standard Webhooks 1.0.0. */
const parameters = [
  header('webhook-id', 'The `id` of the event.'),
  header('webhook-timestamp', 'Unix seconds of this attempt; refuse one that is more than five minutes off.'),
  header(
    'webhook-signature',
    'Signatures, separated by spaces: `v1,` and the Base64 of HMAC-SHA256 over `{webhook-id}.{webhook-timestamp}.{body}`.',
  ),
  header('mooring-delivery-attempt', 'Counts from 1.'),
];

/** Registered by `plugins/openapi`, under its own name. */
const component = (schema: object) => ({ $ref: `#/components/schemas/${'$id' in schema ? String(schema.$id) : ''}` });

const isOfConnection = (type: WebhookEventType): boolean => (connectionEventTypes as readonly string[]).includes(type);

/** The section `webhooks` of the OpenAPI document: what is sent to endpoints, with a schema for each type of event. */
export const webhooksSection = () =>
  Object.fromEntries(webhookEventTypes.map((type) => [type, { post: operationOf(type) }]));

function operationOf(type: WebhookEventType) {
  const schema = Type.Object({ ...eventFields, type: Type.Literal(type) });
  const data = component(isOfConnection(type) ? ConnectionEventDataSchema : EndpointEventDataSchema);
  return {
    operationId: `receive_${type.replaceAll('.', '_')}`,
    summary: type,
    description: eventDescriptions[type],
    tags: ['webhooks'],
    security: [],
    parameters,
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: { ...schema, properties: { ...schema.properties, data }, required: [...schema.required, 'data'] },
        },
      },
    },
    responses: {
      '2XX': { description: 'Delivered. Anything else is tried again, and 410 disables the endpoint.' },
    },
  };
}
