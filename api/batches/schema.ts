import { Type, type Static } from 'typebox';
import { batchStatuses, DEFAULT_WINDOW, itemOutcomeNames, MOST_AT_ONCE, MOST_ITEMS } from '../../contracts/batches.ts';
import { batchIdPattern } from '../../contracts/ids.ts';
import { GuideSchema } from '../connections/guide.ts';
import { ProblemSchema } from '../connections/schema.ts';
import { described, instant, NameSchema, nullable, TagsSchema } from '../http/schema.ts';

const DAY_SECONDS = 24 * 3600;

const OutcomeSchema = Type.Enum([...itemOutcomeNames], {
  description:
    '`pending`: not begun. `connecting`: under way. `connected`. `waiting`: the cloud has not let it in for 15 minutes; its connection goes on, and is looked at again. `refused`: by the cloud; its connection takes other values. `already_connected`: another connection of the tenant has exactly this. `failed`: it has no connection, or that ended meanwhile. `cancelled`: before it began.',
});

const count = Type.Integer({ minimum: 0 });
const CountsSchema = Type.Object(
  {
    pending: count,
    connecting: count,
    connected: count,
    waiting: count,
    refused: count,
    already_connected: count,
    failed: count,
    cancelled: count,
  },
  { description: 'How many items have each outcome; together they are `items`.' },
);

const ShortValueSchema = Type.Object({ name: Type.String(), label: Type.String(), pattern: Type.String() });

export const BatchSchema = Type.Object(
  {
    id: Type.String({ pattern: batchIdPattern }),
    tenant: Type.String(),
    provider: Type.String(),
    region: Type.String(),
    method: Type.String(),
    name: nullable(Type.String()),
    tags: Type.Array(Type.String(), { description: 'Of its connections; each has the tag `batch:{id}` besides.' }),
    status: Type.Enum([...batchStatuses], {
      description:
        '`open`: takes items and has none. `running`. `finished`: every item has an outcome; it takes further items. `cancelling`: what had begun goes on to its outcome. `cancelled`. `closed`: its time is over. `stopped`: its workflow was ended from outside Mooring.',
    }),
    items: count,
    counts: CountsSchema,
    concurrency: Type.Integer({ description: 'How many items are connected at once.' }),
    setup: Type.Record(Type.String(), Type.String(), {
      description: 'What was made for this batch, such as the external ID that all its connections share.',
    }),
    guide: nullable(described(GuideSchema), 'What to do at the cloud first. Null where this version lacks the method.'),
    short: nullable(
      Type.Object({ each: ShortValueSchema, once: Type.Array(ShortValueSchema) }),
      'What `from` of the items takes: a list under the name of `each`, and the values of `once`.',
    ),
    createdAt: instant(),
    updatedAt: instant(),
    closesAt: instant('It takes items until then.'),
  },
  { $id: 'Batch', description: 'Many accounts that are connected in one go.' },
);
export type Batch = Static<typeof BatchSchema>;

const Fields = Type.Record(Type.String({ pattern: '^[a-z0-9_]{1,64}$' }), Type.String({ maxLength: 20_000 }), {
  description: 'By name, as `guide.fields` lists them.',
});

/** What the items are. */
const itemsFields = {
  variant: Type.Optional(Type.String({ maxLength: 64, description: 'Which set of values, where there are several.' })),
  common: Type.Optional(
    Type.Unsafe<Static<typeof Fields>>({ ...Fields, description: 'Values that all of these items share, given once.' }),
  ),
  items: Type.Optional(
    Type.Array(Type.Object({ name: Type.Optional(NameSchema), fields: Fields }, { additionalProperties: false }), {
      minItems: 1,
      maxItems: MOST_ITEMS,
      description: 'Each becomes a connection. Only the fields that are not `common`.',
    }),
  ),
  from: Type.Optional(
    Type.Record(
      Type.String({ pattern: '^[A-Za-z0-9_]{1,64}$' }),
      Type.Union([
        Type.String({ maxLength: 1_000 }),
        Type.Array(Type.String({ maxLength: 1_000 }), { minItems: 1, maxItems: MOST_ITEMS }),
      ]),
      { description: 'The items in short, as `short` of the batch says, in place of `items`.' },
    ),
  ),
};

export const ItemsBody = Type.Object(itemsFields, { additionalProperties: false });
export type ItemsRequest = Static<typeof ItemsBody>;

export const CreateBody = Type.Object(
  {
    provider: Type.String({ description: 'A cloud’s id, as GET /v1/providers has it.' }),
    region: Type.String({ description: 'The cloud’s region, endpoint or partition.' }),
    method: Type.Optional(
      Type.String({ description: 'A method with the flow `form`. Default: the cloud’s first one.' }),
    ),
    name: Type.Optional(NameSchema),
    tags: Type.Optional(Type.Unsafe<Static<typeof TagsSchema>>({ ...TagsSchema, maxItems: 19 })),
    concurrency: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MOST_AT_ONCE,
        default: DEFAULT_WINDOW,
        description: 'How many items are connected at once.',
      }),
    ),
    deadlineSeconds: Type.Optional(
      Type.Integer({
        minimum: 60,
        maximum: 14 * DAY_SECONDS,
        description: 'How long each connection waits until the cloud lets it in. Default: 14 days.',
      }),
    ),
    ...itemsFields,
  },
  { additionalProperties: false },
);

export const BatchParams = Type.Object({
  id: Type.String({ pattern: batchIdPattern, description: 'The id of the batch.' }),
});

export const ItemsQuery = Type.Object(
  {
    outcome: Type.Optional(OutcomeSchema),
    from: Type.Optional(
      Type.Integer({ minimum: 0, maximum: MOST_ITEMS, default: 0, description: '`next` of the page before.' }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
  },
  { additionalProperties: false },
);

export const ItemsPage = Type.Object({
  items: Type.Array(
    Type.Object({
      index: Type.Integer({ description: 'Its place in the batch, from 0.' }),
      label: nullable(Type.String(), 'What it is known by, e.g. a role’s ARN. Null where that was lost.'),
      outcome: OutcomeSchema,
      connection: nullable(Type.String(), 'Its connection, or the one that has exactly this already.'),
      problem: nullable(
        ProblemSchema,
        'Why it was refused or failed, as far as that is kept; the connection says it too.',
      ),
    }),
  ),
  next: nullable(Type.Integer(), '`from` of the next page; null on the last one.'),
});
