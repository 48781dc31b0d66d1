import { Type, type Static } from 'typebox';
import { attemptSteps, callOutcomes } from '../../contracts/attempts.ts';
import { createAttempts, keptAttempts, type KeptAttempt } from '../../stores/attempts.ts';
import type { App, AppDependencies } from '../http/app-types.ts';
import { createCursors } from '../http/cursor.ts';
import { tenantOf } from '../http/principal.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { ConnectionParams, CursorSchema, instant, nullable } from '../http/schema.ts';

const Query = Type.Object(
  {
    outcome: Type.Optional(Type.Enum([...callOutcomes], { description: 'Only calls that ended like this.' })),
    step: Type.Optional(Type.Enum([...attemptSteps], { description: 'Only calls of this step.' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 50 })),
    cursor: Type.Optional(CursorSchema),
  },
  { additionalProperties: false },
);

const AttemptSchema = Type.Object({
  id: Type.String({ description: 'Always the same for this call.' }),
  at: instant('When the call began.'),
  step: Type.Enum([...attemptSteps], {
    description:
      '`exchange`: an authorization code was redeemed. `proof`: the grant was proven. `renewal`: it was renewed. `verify`: it was looked at on request. `revoke`: it was revoked. `discovery`: resources were listed.',
  }),
  operation: Type.String({
    description:
      'What was asked for, e.g. `token.refresh`, `role.assume`, `list.instance`. `trust.probe` is meant to be refused: a refusal is `ok` there.',
  }),
  host: nullable(Type.String(), 'The host that was called. Null where a program made the call.'),
  outcome: Type.Enum([...callOutcomes], {
    description:
      '`unavailable`: the cloud could not serve, or the connection broke off. `not_sent`: the request did not reach it. `aborted`: Mooring gave the call up.',
  }),
  status: nullable(Type.Integer(), 'Of the HTTP answer; null = there was none.'),
  cloudCode: nullable(Type.String(), 'The cloud’s own name of its error, e.g. `AccessDenied`.'),
  cloudRequestId: nullable(
    Type.String(),
    'What the cloud names this call by: give it to its support. Not the `X-Request-Id` of Mooring’s own API.',
  ),
  message: nullable(Type.String(), 'The cloud’s own words, redacted; where it did not answer, why not.'),
  durationMs: Type.Integer(),
  attempt: Type.Integer({
    description: 'Which try of this piece of work it belonged to, as Temporal counts them, from 1.',
  }),
});

const AttemptPage = Type.Object({
  items: Type.Array(AttemptSchema),
  nextCursor: nullable(Type.String(), 'Null on the last page.'),
});

export function registerAttempts(app: App, { connections, ephemeral, keyRing }: AppDependencies): void {
  const cursors = createCursors(keyRing, 'attempts');
  const attempts = createAttempts(ephemeral);
  app.get(
    '/v1/connections/:id/attempts',
    {
      config: { access: 'connections:read' },
      schema: {
        operationId: 'listAttempts',
        summary: 'The calls to the cloud, and what it answered',
        description: `The newest first; needs no worker. Kept are about the newest ${keptAttempts.most} calls, and of lists the newest ${keptAttempts.mostOfLists}, for ${keptAttempts.days} days after the last one, also once the connection has ended. Calls that failed are kept always (one of several that failed alike in one pass of discovery), good ones of sign-ins, proofs, revocations and requests; not those of ordinary renewals and lists. Best effort: after a failure of Redis, calls may be missing.`,
        tags: ['connections'],
        params: ConnectionParams,
        querystring: Query,
        response: { 200: AttemptPage, ...problemReplies(400, 401, 403, 404, 429, 503) },
      },
    },
    async (request) => {
      const tenant = tenantOf(request);
      const { id } = request.params;
      const { limit = 50, cursor, ...filters } = request.query;
      const bound = { ...filters, connection: id };
      const after = cursor === undefined ? undefined : placeIn(cursors.open(tenant, bound, cursor));
      await connections.ref(tenant, id);
      const { outcome, step } = filters;
      const wanted = (await attempts.read(id)).filter(
        (each) => (outcome ?? each.outcome) === each.outcome && (step ?? each.step) === each.step,
      );
      const items = wanted.slice(after === undefined ? 0 : beginning(wanted, after)).slice(0, limit);
      const last = items.at(-1);
      const hasMore = last !== undefined && last !== wanted.at(-1);
      return {
        items: items.map((each): Static<typeof AttemptSchema> => ({ ...each })),
        nextCursor: hasMore ? cursors.seal(tenant, bound, Buffer.from(JSON.stringify([last.at, last.id]))) : null,
      };
    },
  );
}

type Place = readonly [at: string, id: string];

const placeIn = (token: Uint8Array): Place => JSON.parse(Buffer.from(token).toString()) as Place;

/** Behind the last one that was given, also where that one is no longer kept. */
function beginning(attempts: readonly KeptAttempt[], [at, id]: Place): number {
  const last = attempts.findIndex((each) => each.id === id);
  if (last !== -1) return last + 1;
  const older = attempts.findIndex((each) => each.at < at);
  return older === -1 ? attempts.length : older;
}
