import { Type, type Static } from 'typebox';
import { connectionIdPattern } from '../../contracts/ids.ts';
import { readChanges, type KeptChange } from '../../stores/inventory/changes-read.ts';
import { CHANGE_DAYS } from '../../stores/inventory/changes.ts';
import type { App, AppDependencies } from '../http/app-types.ts';
import { createCursors } from '../http/cursor.ts';
import { tenantOf } from '../http/principal.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { apiProblems } from '../http/problem.ts';
import { CursorSchema, instant, nullable } from '../http/schema.ts';
import { createPlaces } from './places.ts';

const Query = Type.Object(
  {
    since: Type.Optional(instant('From then on, inclusive; without it, all that is kept.')),
    until: Type.Optional(instant('Before then.')),
    connection: Type.Optional(Type.String({ pattern: connectionIdPattern, description: 'Of this connection alone.' })),
    kind: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'Only of this kind.' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    cursor: Type.Optional(CursorSchema),
  },
  { additionalProperties: false },
);

const Counts = Type.Object({ added: Type.Integer(), removed: Type.Integer(), changed: Type.Integer() });

const ChangeSchema = Type.Object({
  id: Type.String({ description: 'Always the same for this change: to recognise one that was read before.' }),
  at: instant('When it was found.'),
  connection: Type.String({ pattern: connectionIdPattern }),
  provider: Type.String(),
  change: Type.Enum(['added', 'removed', 'changed', 'counted'], {
    description: '`counted`: several changes that are not kept one by one; `counts` has how many.',
  }),
  reason: nullable(
    Type.Enum(['first_discovery', 'too_many']),
    'Why they are counted: all that was found when the account was connected, or more than is kept for one day.',
  ),
  kind: nullable(Type.String()),
  resource: nullable(
    Type.Object({
      project: nullable(Type.String()),
      id: Type.String(),
      name: Type.String(),
      region: nullable(Type.String()),
    }),
  ),
  fields: Type.Array(
    Type.Object({
      field: Type.String({ description: 'E.g. `status`, `tags.team`, `summary.sizeGb`.' }),
      from: Type.Unknown(),
      to: Type.Unknown(),
    }),
    { description: 'What differs, where `change` is `changed`; the first 20.' },
  ),
  counts: nullable(Type.Record(Type.String(), Counts), 'By kind.'),
});

const ChangesPage = Type.Object({
  items: Type.Array(ChangeSchema),
  nextCursor: nullable(Type.String(), 'Null on the last page.'),
});

export function registerChanges(app: App, { ephemeral, clock, keyRing }: AppDependencies): void {
  const places = createPlaces(createCursors(keyRing, 'resource-changes'));
  app.get(
    '/v1/resources/changes',
    {
      config: { access: 'connections:read' },
      schema: {
        operationId: 'listResourceChanges',
        summary: 'What was added, removed and changed in the accounts',
        description: `Across all connections, the oldest first, for ${CHANGE_DAYS} days. A page may be short, or empty, and have another behind it: go on until \`nextCursor\` is null; to read on later, ask with \`since\`. Of a connection that changes very often in one day there are counts alone, in the end nothing until the next day.`,
        tags: ['resources'],
        querystring: Query,
        response: { 200: ChangesPage, ...problemReplies(400, 401, 403, 429, 503) },
      },
    },
    async (request) => {
      const tenant = tenantOf(request);
      const { limit = 100, cursor, ...filters } = request.query;
      const { since, until, connection, kind } = filters;
      const query = { sinceMs: momentOf('since', since), untilMs: momentOf('until', until), connection, kind };
      const place = places.open(tenant, filters, cursor);
      const { changes, next } = await readChanges({ ephemeral, clock }, tenant, query, place, limit);
      return { items: changes.map(changeReply), nextCursor: places.seal(tenant, filters, next) };
    },
  );
}

function momentOf(name: string, given: string | undefined): number | null {
  if (given === undefined) return null;
  const atMs = Date.parse(given);
  // RFC 3339 allows a leap second, of which JavaScript knows nothing.
  if (Number.isNaN(atMs)) throw apiProblems.invalidRequest([`${name} is not a time that can be compared.`]);
  return atMs;
}

function changeReply({ what, ...about }: KeptChange): Static<typeof ChangeSchema> {
  if ('reason' in what) {
    const { reason, kinds } = what;
    return { ...about, change: 'counted', reason, kind: null, resource: null, fields: [], counts: { ...kinds } };
  }
  const { change, kind, project, id, name, region, fields } = what;
  return {
    ...about,
    change,
    reason: null,
    kind,
    resource: { project, id, name, region },
    fields: fields.map((each) => ({ ...each })),
    counts: null,
  };
}
