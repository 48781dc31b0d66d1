import { Type } from 'typebox';
import { connectionStatuses } from '../../contracts/connection.ts';
import { ConnectionSchema, ProblemSchema } from '../connections/schema.ts';
import { described, instant, nullable } from '../http/schema.ts';

/** What the summary consists of; each part is known, or not, by itself. */
export const parts = ['connections', 'waiting', 'ending', 'apiKeys', 'freshness'] as const;
export type Part = (typeof parts)[number];

const count = (description?: string) =>
  Type.Integer({ minimum: 0, ...(description === undefined ? {} : { description }) });

const byKey = (description: string) => Type.Record(Type.String(), Type.Integer({ minimum: 0 }), { description });

const CountsSchema = Type.Object({
  living: count('Those that have not ended.'),
  byStatus: Type.Object(Object.fromEntries(connectionStatuses.map((status) => [status, count()])), {
    description: 'Every status. Ended connections as long as Temporal retains them.',
  }),
  byProvider: byKey('Living ones, by the cloud’s id.'),
  byReason: byKey('Living ones with a problem, by its code. GET /v1/connections?reason=… lists them.'),
  otherReasons: count('Living ones with a problem whose code is none of these: only where there are very many.'),
});

const WaitingSchema = Type.Object(
  {
    total: count(),
    items: Type.Array(described(ConnectionSchema), { description: 'The longest wait first, at most 50.' }),
  },
  {
    description:
      'What needs a person: the cloud refuses (`action_required`), an account is to be confirmed, or a workflow was ended from outside (`stopped`).',
  },
);

const EndingSchema = Type.Object(
  {
    until: instant(),
    total: count(),
    items: Type.Array(
      Type.Object({
        at: instant(),
        what: Type.Enum(['invitation', 'verification', 'credential'], {
          description:
            '`invitation`: its link runs out. `verification`: so does the wait for what was granted, or for its confirmation. `credential`: it expires and cannot be renewed, or what it is renewed with does.',
        }),
        connection: described(ConnectionSchema),
      }),
      { description: 'The soonest first, at most 50.' },
    ),
  },
  { description: 'What ends within 30 days unless a person acts.' },
);

const EndingKeysSchema = Type.Object(
  {
    until: instant(),
    total: count(),
    items: Type.Array(Type.Object({ id: Type.String(), name: Type.String(), expiresAt: instant() }), {
      description: 'The soonest first, at most 50.',
    }),
  },
  {
    description:
      'API keys of the tenant that expire within 30 days. For keys with the scope `keys:write`. A minute old.',
  },
);

const FreshnessSchema = Type.Object(
  {
    seconds: Type.Literal(300),
    credentials: count('Connections that hand out a credential: `active` or `degraded`.'),
    measured: count('Of those: looked at. At most 1,000, taken at random, and each time others.'),
    unknown: count('Of those that were looked at: the ephemeral store has no facts.'),
    fresh: count('Of those that were looked at: valid for five minutes or longer, or for ever.'),
    share: nullable(
      Type.Number({ minimum: 0, maximum: 1 }),
      '`fresh` of those that were looked at and are known. Null where none is.',
    ),
  },
  { description: 'Whether the promise is kept that a credential which is handed out has five minutes left.' },
);

export const SummarySchema = Type.Object({
  at: instant('When it was put together; each part is at most ten seconds older.'),
  connections: nullable(CountsSchema),
  waiting: nullable(WaitingSchema),
  ending: nullable(EndingSchema),
  apiKeys: nullable(EndingKeysSchema),
  freshness: nullable(FreshnessSchema),
  unknown: Type.Array(Type.Object({ part: Type.Enum([...parts]), problem: ProblemSchema }), {
    description: 'The parts that are null, each with why.',
  }),
});
