import { Type, type Static } from 'typebox';
import { bulkActions, bulkStatuses, MOST_TARGETS, targetOutcomeNames } from '../../contracts/bulk.ts';
import { connectionStatuses } from '../../contracts/connection.ts';
import { bulkIdPattern, connectionIdPattern } from '../../contracts/ids.ts';
import { plainTextPattern } from '../../contracts/plain-text.ts';
import { ConnectionStatusSchema, ProblemSchema } from '../connections/schema.ts';
import { IdSchema, instant, nullable, TagSchema, TagsSchema } from '../http/schema.ts';

const OutcomeSchema = Type.Enum([...targetOutcomeNames], {
  description:
    '`pending`: has not had its turn. `done`: carried out. `unanswered`: it may have been asked, and no answer came; it may be carried out. `refused`: by the connection, in its present state. `gone`: it had ended. `cancelled`: the job was cancelled before its turn.',
});

const count = Type.Integer({ minimum: 0 });

export const BulkSchema = Type.Object(
  {
    id: Type.String({ pattern: bulkIdPattern }),
    tenant: Type.String(),
    action: Type.Enum([...bulkActions]),
    reason: nullable(Type.String(), 'Why it was asked for, as the request said.'),
    by: Type.Object({ kind: Type.String(), id: Type.String() }, { description: 'Who asked for it.' }),
    status: Type.Enum([...bulkStatuses], {
      description:
        '`running`. `finished`: each connection has an outcome. `cancelling`: what had begun comes to its outcome. `cancelled`. `stopped`: its workflow was ended from outside Mooring.',
    }),
    targets: count,
    counts: Type.Object(
      { pending: count, done: count, unanswered: count, refused: count, gone: count, cancelled: count },
      { description: 'How many connections have each outcome; together they are `targets`.' },
    ),
    createdAt: instant(),
    updatedAt: instant(),
  },
  { $id: 'Bulk', description: 'One verb for many connections.' },
);

const Filter = Type.Object(
  {
    status: Type.Optional(Type.Array(ConnectionStatusSchema, { minItems: 1, maxItems: connectionStatuses.length })),
    provider: Type.Optional(IdSchema),
    region: Type.Optional(IdSchema),
    method: Type.Optional(IdSchema),
    reason: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_.:-]{1,100}$' })),
    tag: Type.Optional(TagSchema),
  },
  {
    additionalProperties: false,
    minProperties: 1,
    description: 'Living connections that have all of this, as of now; the filters of GET /v1/connections.',
  },
);

export const DryRunBody = Type.Object(
  {
    action: Type.Enum([...bulkActions], { description: 'What is done with each connection.' }),
    filter: Type.Optional(Filter),
    connections: Type.Optional(
      Type.Array(Type.String({ pattern: connectionIdPattern }), {
        minItems: 1,
        maxItems: MOST_TARGETS,
        uniqueItems: true,
        description: 'These connections, in place of a filter.',
      }),
    ),
    tags: Type.Optional(
      Type.Object(
        { add: Type.Optional(TagsSchema), remove: Type.Optional(TagsSchema) },
        { additionalProperties: false, description: 'For the action `tag`.' },
      ),
    ),
    lifetimeSeconds: Type.Optional(
      Type.Integer({
        minimum: 3_600,
        maximum: 90 * 24 * 3_600,
        default: 14 * 24 * 3_600,
        description: 'For the action `reauthorize`: how long each link can be used.',
      }),
    ),
  },
  { additionalProperties: false },
);
export type DryRunRequest = Static<typeof DryRunBody>;

export const CreateBody = Type.Object(
  {
    ...DryRunBody.properties,
    expected: Type.Optional(
      Type.Integer({
        minimum: 0,
        description:
          'How many connections the dry run has found. Where it is another number by now, nothing is done. Required to disconnect.',
      }),
    ),
    reason: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 500,
        pattern: plainTextPattern,
        description: 'Why, for those who read it later. Required to disconnect.',
      }),
    ),
  },
  { additionalProperties: false },
);
export type CreateRequest = Static<typeof CreateBody>;

const SAMPLE = 20;

export const DryRunSchema = Type.Object({
  matches: count,
  sample: Type.Array(Type.String(), { maxItems: SAMPLE, description: 'Some of their ids.' }),
});

export const dryRunOf = (targets: readonly string[]): Static<typeof DryRunSchema> => ({
  matches: targets.length,
  sample: targets.slice(0, SAMPLE),
});

export const BulkParams = Type.Object({
  id: Type.String({ pattern: bulkIdPattern, description: 'The id of the job.' }),
});

export const ResultsQuery = Type.Object(
  {
    outcome: Type.Optional(OutcomeSchema),
    from: Type.Optional(
      Type.Integer({ minimum: 0, maximum: MOST_TARGETS, default: 0, description: '`next` of the page before.' }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
  },
  { additionalProperties: false },
);

export const ResultsPage = Type.Object({
  items: Type.Array(
    Type.Object({
      index: Type.Integer({ description: 'Its place in the job, from 0.' }),
      connection: Type.String(),
      outcome: OutcomeSchema,
      problem: nullable(ProblemSchema, 'Why it was refused, as far as that is kept.'),
      link: nullable(
        Type.Object({ url: Type.String({ format: 'uri' }), expiresAt: instant() }),
        'For the customer: the open link of a connection that was to sign in again. Shown to keys that may make one.',
      ),
    }),
  ),
  next: nullable(Type.Integer(), '`from` of the next page; null on the last one.'),
});
