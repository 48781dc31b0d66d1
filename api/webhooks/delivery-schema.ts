import { Type, type Static } from 'typebox';
import type { DeliveryAttempt, DeliveryView } from '../../contracts/webhooks.ts';
import { replayScopes, replayStatuses, type ReplayView } from '../../contracts/webhook-replays.ts';
import { ProblemSchema } from '../connections/schema.ts';
import { described, instant, nullable } from '../http/schema.ts';
import { WebhookEventSchema } from './event-schema.ts';
import { DeliveryStatusSchema } from './schema.ts';

const AttemptSchema = Type.Object({
  at: instant(),
  durationMs: Type.Integer(),
  status: nullable(Type.Integer(), 'The HTTP status; null = there was no answer.'),
  answer: nullable(Type.String(), 'The beginning of the answer, without what looks like a secret.'),
  problem: nullable(ProblemSchema, 'Why it does not count as delivered; null = it does.'),
});

export const DeliverySchema = Type.Object(
  {
    id: Type.String({ description: 'Also the workflow id in the Temporal UI.' }),
    status: DeliveryStatusSchema,
    event: described(WebhookEventSchema),
    attempts: Type.Array(AttemptSchema, {
      description: 'Oldest first; of a delivery that was started again, since then.',
    }),
    nextAttemptAt: nullable(instant()),
    createdAt: instant(),
  },
  { $id: 'WebhookDelivery', description: 'One event on its way to one endpoint.' },
);
export type Delivery = Static<typeof DeliverySchema>;

export const DeliveriesPage = Type.Object({
  items: Type.Array(described(DeliverySchema)),
  nextCursor: nullable(Type.String(), 'Null on the last page.'),
});

export const ReplaySchema = Type.Object(
  {
    id: Type.String({ description: 'Also the workflow id in the Temporal UI.' }),
    scope: Type.Enum([...replayScopes]),
    since: instant(),
    status: Type.Enum([...replayStatuses], {
      description:
        '`failed`: the endpoint was deleted or disabled meanwhile. `stopped`: its workflow was ended from outside.',
    }),
    estimate: nullable(Type.Integer(), 'About how many it delivers again; null = not counted yet.'),
    replayed: Type.Integer({ description: 'Deliveries that were started again so far.' }),
    problem: nullable(ProblemSchema),
    createdAt: instant(),
    updatedAt: instant(),
  },
  { $id: 'WebhookReplay', description: 'A job that delivers events again.' },
);
export type Replay = Static<typeof ReplaySchema>;

export const ReplayBody = Type.Object(
  {
    scope: Type.Enum([...replayScopes], {
      description:
        '`failed`: deliveries that have failed. `all`: every event that the endpoint wants, also those that it got.',
    }),
    since: instant('Events from then on. Those of the last seven days are kept, up to 10,000.'),
  },
  { additionalProperties: false },
);

export const shownDelivery = ({ endpoint: _endpoint, attempts, event, ...view }: DeliveryView): Delivery => ({
  ...view,
  event,
  attempts: attempts.map(shownAttempt),
});

const shownAttempt = ({ durationMs, problem, ...attempt }: DeliveryAttempt): Delivery['attempts'][number] => ({
  ...attempt,
  durationMs: Math.round(durationMs),
  problem: problem && { ...problem },
});

export const shownReplay = ({ endpoint: _endpoint, problem, ...view }: ReplayView): Replay => ({
  ...view,
  problem: problem && { ...problem },
});
