import { Type, type Static } from 'typebox';
import { connectionStatuses } from '../../contracts/connection.ts';
import { plainTextPattern } from '../../contracts/plain-text.ts';
import type { App, AppDependencies } from '../http/app-types.ts';
import { createCursors } from '../http/cursor.ts';
import { tenantOf } from '../http/principal.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { CursorSchema, described, IdSchema, instant, TagSchema } from '../http/schema.ts';
import type { SearchDigests } from '../../stores/search-digests.ts';
import type { ListFilters } from '../temporal/visibility.ts';
import { connectionReply } from './reply.ts';
import { ConnectionSchema, ConnectionStatusSchema } from './schema.ts';

const Query = Type.Object(
  {
    status: Type.Optional(
      Type.Array(ConnectionStatusSchema, {
        maxItems: connectionStatuses.length,
        description: 'Any of these; repeat the parameter for more.',
      }),
    ),
    provider: Type.Optional(IdSchema),
    region: Type.Optional(IdSchema),
    method: Type.Optional(IdSchema),
    reason: Type.Optional(
      Type.String({ pattern: '^[A-Za-z0-9_.:-]{1,100}$', description: 'Code of the present problem.' }),
    ),
    tag: Type.Optional(TagSchema),
    q: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        pattern: plainTextPattern,
        description: 'For a search box: an id or how it begins, an account’s id, or words that all stand in the name.',
      }),
    ),
    name: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        pattern: plainTextPattern,
        description: 'Words that all stand in the name, in any order and in capitals or not. Whole words.',
      }),
    ),
    account: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        pattern: plainTextPattern,
        description: 'The id of the connected account, whole; spaces and hyphens do not count.',
      }),
    ),
    statusSinceAfter: Type.Optional(instant('In its present status since then, or later.')),
    statusSinceBefore: Type.Optional(instant('In its present status since then, or longer.')),
    createdAfter: Type.Optional(instant('Created then, or later.')),
    createdBefore: Type.Optional(instant('Created then, or earlier.')),
    actBefore: Type.Optional(
      instant(
        'Something ends by then unless a person acts: an invitation, the wait for what it brought in, a credential that cannot be renewed, or a secret that it is renewed with.',
      ),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
    cursor: Type.Optional(CursorSchema),
  },
  { additionalProperties: false },
);

type Asked = Omit<Static<typeof Query>, 'limit' | 'cursor'>;

const PageSchema = Type.Object({
  items: Type.Array(described(ConnectionSchema)),
  nextCursor: Type.Union([Type.String(), Type.Null()], { description: 'Null on the last page.' }),
});

export function registerList(app: App, { connections, keyRing, searchDigests }: AppDependencies): void {
  const cursors = createCursors(keyRing);
  app.get(
    '/v1/connections',
    {
      config: { access: 'connections:read' },
      schema: {
        operationId: 'listConnections',
        summary: 'The tenant’s connections',
        description:
          'The newest run first, from Temporal’s visibility: a change shows within about a second. Ended ones are listed as long as Temporal retains them. A page may be short, or empty, and have another behind it: go on until `nextCursor` is null.',
        tags: ['connections'],
        querystring: Query,
        response: { 200: PageSchema, ...problemReplies(400, 401, 403, 429, 503) },
      },
    },
    async (request) => {
      const tenant = tenantOf(request);
      const { limit = 50, cursor, ...asked } = request.query;
      const pageToken = cursor === undefined ? undefined : cursors.open(tenant, asked, cursor);
      const filters = await listFilters(searchDigests, tenant, asked);
      const page = filters && (await connections.list(tenant, filters, { limit, pageToken }));
      return {
        items: (page?.views ?? []).map((view) => connectionReply(view)),
        nextCursor: page?.nextPageToken ? cursors.seal(tenant, asked, page.nextPageToken) : null,
      };
    },
  );
}

const CONNECTION_ID_BEGINNING = /^con_[a-z2-7]{0,26}$/;

/** What is asked for, in the words of visibility: names and accounts as digests. Undefined = nothing can match. */
async function listFilters(
  digests: Pick<SearchDigests, 'account' | 'words'>,
  tenant: string,
  { q, name, account, status, provider, region, method, reason, tag, ...times }: Asked,
): Promise<ListFilters | undefined> {
  const words = name === undefined ? undefined : await digests.words(tenant, name);
  // A name of signs alone has no words, and neither has what is looked for.
  if (words?.length === 0) return undefined;
  return {
    status,
    provider,
    region,
    method,
    reason,
    tag,
    times,
    words,
    account: account === undefined ? undefined : await digests.account(tenant, account),
    anyOf:
      q === undefined
        ? undefined
        : {
            id: CONNECTION_ID_BEGINNING.test(q.trim()) ? q.trim() : null,
            account: await digests.account(tenant, q),
            words: await digests.words(tenant, q),
          },
  };
}
