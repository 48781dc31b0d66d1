import { Type, type Static } from 'typebox';
import { deliveryStatuses, endpointIdPattern, webhookEventTypes } from '../../contracts/webhooks.ts';
import { replayIdPattern } from '../../contracts/webhook-replays.ts';
import { plainTextPattern } from '../../contracts/plain-text.ts';
import type { StoredEndpoint } from '../../stores/webhooks/port.ts';
import { described, IdSchema, instant, nullable, TagSchema } from '../http/schema.ts';

export const DEFAULT_OVERLAP_HOURS = 24;

const EventTypeSchema = Type.Enum([...webhookEventTypes]);

export const WebhookSchema = Type.Object(
  {
    id: Type.String({ pattern: endpointIdPattern }),
    url: Type.String({ description: 'Where events are sent with POST.' }),
    description: nullable(Type.String()),
    types: Type.Array(Type.String(), { description: 'The types of events that it gets; empty = all.' }),
    providers: Type.Array(Type.String(), { description: 'Of connections of these clouds; empty = of all.' }),
    tags: Type.Array(Type.String(), { description: 'Of connections with one of these tags; empty = of all.' }),
    status: Type.Enum(['enabled', 'failing', 'disabled'], {
      description: '`failing`: no delivery succeeds at present. `disabled`: nothing is delivered until it is enabled.',
    }),
    disabled: nullable(
      Type.Object({
        at: instant(),
        reason: Type.Enum(['requested', 'gone', 'failing'], {
          description:
            '`requested`: by this API. `gone`: it answered 410. `failing`: nothing was delivered for five days.',
        }),
      }),
    ),
    failing: nullable(
      Type.Object({
        since: instant(),
        attempts: Type.Integer({ description: 'That failed since then.' }),
        warnedAt: nullable(instant('When the other endpoints were told that it will be disabled.')),
      }),
      'Null while deliveries succeed.',
    ),
    previousSecretUntil: nullable(
      instant(),
      'Until then the secret before the last roll signs too; null = there is none.',
    ),
    createdAt: instant(),
    updatedAt: instant(),
  },
  { $id: 'Webhook', description: 'A webhook endpoint, without its secret.' },
);
export type Webhook = Static<typeof WebhookSchema>;

export const WebhookList = Type.Object({ items: Type.Array(described(WebhookSchema)) });

export const WithSecret = Type.Object({
  secret: Type.String({ description: 'Verifies signatures, `whsec_…`. It is shown only here.' }),
  webhook: described(WebhookSchema),
});

export const Enabled = Type.Object({
  webhook: described(WebhookSchema),
  missed: nullable(
    Type.Object({
      since: instant('`since` for a replay of them.'),
      failed: Type.Integer({ description: 'Deliveries that have failed since then.' }),
    }),
    'What a replay with the scope "failed" would deliver again; null = nothing has failed.',
  ),
});

/** Longer ones are cut by some receivers. */
const LONGEST_URL = 2_000;
const MOST_FILTERS = 50;

const fields = {
  url: Type.String({
    minLength: 1,
    maxLength: LONGEST_URL,
    description: 'https, of a host on the public internet, without user name, password or fragment.',
  }),
  description: Type.Union([Type.String({ minLength: 1, maxLength: 200, pattern: plainTextPattern }), Type.Null()], {
    description: 'What it is for.',
  }),
  types: Type.Array(EventTypeSchema, { uniqueItems: true, description: 'Default: all.' }),
  providers: Type.Array(IdSchema, { maxItems: MOST_FILTERS, uniqueItems: true, description: 'Default: all.' }),
  tags: Type.Array(TagSchema, {
    maxItems: MOST_FILTERS,
    uniqueItems: true,
    description: 'A connection needs one of them. Default: any connection.',
  }),
} as const;
const { url, ...filters } = fields;

export const CreateBody = Type.Object(
  { url, ...Type.Partial(Type.Object(filters)).properties },
  { additionalProperties: false },
);
export const ChangeBody = Type.Partial(Type.Object(fields), { additionalProperties: false, minProperties: 1 });

export const RollBody = Type.Object(
  {
    overlapHours: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 168,
        default: DEFAULT_OVERLAP_HOURS,
        description: 'How long the old secret signs beside the new one.',
      }),
    ),
  },
  { additionalProperties: false },
);

export const TestBody = Type.Object(
  { type: Type.Optional(Type.Enum([...webhookEventTypes], { default: 'test.ping' })) },
  { additionalProperties: false },
);

const id = Type.String({ pattern: endpointIdPattern, description: 'The id of the webhook endpoint.' });
export const WebhookParams = Type.Object({ id });
export const DeliveryParams = Type.Object({
  id,
  delivery: Type.String({ pattern: '^whd_[A-Za-z0-9_]{1,200}$', description: 'The id of the delivery.' }),
});
export const ReplayParams = Type.Object({
  id,
  replay: Type.String({ pattern: replayIdPattern, description: 'The id of the replay.' }),
});

export const DeliveryStatusSchema = Type.Enum([...deliveryStatuses], {
  description:
    '`pending`: waits for its next attempt. `delivered`: answered 2xx. `failed`: every attempt failed, or the endpoint was disabled; a replay delivers it. `dropped`: the endpoint was deleted first.',
});

export const shownWebhook = ({ endpoint, signing }: StoredEndpoint): Webhook => {
  const { tenant: _tenant, types, providers, tags, disabled, failing, ...facts } = endpoint;
  return {
    ...facts,
    types: [...types],
    providers: [...providers],
    tags: [...tags],
    status: statusOf(endpoint),
    disabled: disabled && { ...disabled },
    failing: failing && { ...failing },
    previousSecretUntil: signing.previous?.until ?? null,
  };
};

function statusOf({ disabled, failing }: StoredEndpoint['endpoint']): Webhook['status'] {
  if (disabled) return 'disabled';
  return failing ? 'failing' : 'enabled';
}
