import type { Static } from 'typebox';
import { connectionStatuses, type ConnectionStatus, type ConnectionView } from '../../contracts/connection.ts';
import { iso } from '../../contracts/time.ts';
import { permits } from '../../stores/api-key-scopes.ts';
import { connectionReply } from '../connections/reply.ts';
import type { ApiKey, ApiKeys, KeyPage } from '../../stores/api-keys.ts';
import type { App, AppDependencies } from '../http/app-types.ts';
import { principalOf, tenantOf } from '../http/principal.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { toProblem } from '../http/to-problem.ts';
import type { Counts, Ending } from '../temporal/overview.ts';
import { shareAnswers } from '../temporal/share-answers.ts';
import { measureFreshness } from './freshness.ts';
import { SummarySchema, type Part } from './schema.ts';

type Summary = Static<typeof SummarySchema>;

const MOST_ITEMS = 50;
const DAYS_30_MS = 30 * 24 * 60 * 60 * 1000;
/** A console asks every ten seconds, and each of its windows does. */
const KEPT_MS = 10_000;
/** All keys of the installation are read to find those of a tenant. */
const KEYS_KEPT_MS = 60_000;
const TENANTS_KEPT = 1_000;

export function registerSummary(app: App, deps: AppDependencies): void {
  const { logger, clock } = deps;
  const ask = createAsk(deps);

  app.get(
    '/v1/summary',
    {
      config: { access: 'connections:read' },
      schema: {
        operationId: 'getSummary',
        summary: 'The tenant’s connections at a glance',
        description:
          'Counts by status, cloud and problem; what needs a person, the longest wait first; what ends within 30 days; how fresh the credentials are. From Temporal’s visibility, and shared for ten seconds. A part that cannot be told is null, and `unknown` says why: the others are told all the same.',
        tags: ['connections'],
        response: { 200: SummarySchema, ...problemReplies(401, 403, 429) },
      },
    },
    async (request, reply) => {
      const tenant = tenantOf(request);
      const unknown: Summary['unknown'] = [];
      const known = async <P extends Part>(part: P): Promise<Summary[P]> => {
        try {
          return await ask[part](tenant);
        } catch (error) {
          const { code, message, remedy } = toProblem(error);
          logger.warn({ err: error, part }, 'A part of a summary is not known.');
          unknown.push({ part, problem: { code, message, remedy } });
          return null;
        }
      };
      const mayReadKeys = permits(principalOf(request), 'keys:write');
      if (!mayReadKeys) unknown.push({ part: 'apiKeys', problem: keysNotShown });
      const [connections, waiting, ending, apiKeys, freshness] = await Promise.all([
        known('connections'),
        known('waiting'),
        known('ending'),
        mayReadKeys ? known('apiKeys') : null,
        known('freshness'),
      ]);
      reply.header('cache-control', 'no-store');
      return { at: iso(clock.now()), connections, waiting, ending, apiKeys, freshness, unknown };
    },
  );
}

const keysNotShown = {
  code: 'insufficient_scope',
  message: 'When API keys expire is shown to keys that may manage them.',
  remedy: 'Ask with a key that has the scope "keys:write" or "admin".',
};

/** How each part is asked for. An answer is shared for some seconds; a failure is not. */
function createAsk({ connections, providers, ephemeral, apiKeys, clock }: AppDependencies): {
  readonly [P in Part]: (tenant: string) => Promise<Summary[P]>;
} {
  const shared = <T>(read: (tenant: string) => Promise<T>, keptMs = KEPT_MS): ((tenant: string) => Promise<T>) => {
    const share = shareAnswers<T>(clock, { keptMs: () => keptMs, most: TENANTS_KEPT });
    return async (tenant) => await share(tenant, async () => await read(tenant));
  };
  const reply = (view: ConnectionView) => connectionReply(view, undefined, clock.now());
  const ids = providers.all.map(({ manifest }) => manifest.id);

  return {
    connections: shared(async (tenant) => countsReply(await connections.counts(tenant, ids))),
    waiting: shared(async (tenant) => {
      const { total, items } = await connections.waiting(tenant, MOST_ITEMS);
      return { total, items: items.map(reply) };
    }),
    ending: shared(async (tenant) => {
      const untilMs = clock.now() + DAYS_30_MS;
      const { total, items } = await connections.ending(tenant, clock.now(), untilMs, MOST_ITEMS);
      return {
        until: iso(untilMs),
        total,
        items: items.map((ending) => ({ at: ending.at, what: whatEnds(ending), connection: reply(ending.view) })),
      };
    }),
    apiKeys: shared(async (tenant) => {
      const [now, until] = [clock.now(), clock.now() + DAYS_30_MS];
      const isEnding = ({ expiresAt }: ApiKey): boolean =>
        expiresAt !== null && Date.parse(expiresAt) > now && Date.parse(expiresAt) <= until;
      const ending = (await allKeys(apiKeys, tenant, isEnding))
        .flatMap(({ id, name, expiresAt }) => (expiresAt === null ? [] : [{ id, name, expiresAt }]))
        .toSorted((one, other) => (one.expiresAt < other.expiresAt ? -1 : 1));
      return { until: iso(until), total: ending.length, items: ending.slice(0, MOST_ITEMS) };
    }, KEYS_KEPT_MS),
    freshness: shared(async (tenant) => await measureFreshness({ connections, ephemeral }, tenant, clock.now())),
  };
}

const KEYS_IN_A_PAGE = 200;

async function allKeys(
  apiKeys: Pick<ApiKeys, 'page'>,
  tenant: string,
  isWanted: (key: ApiKey) => boolean,
): Promise<readonly ApiKey[]> {
  const all: ApiKey[] = [];
  let after: string | null = null;
  do {
    const page: KeyPage = await apiKeys.page(tenant, { limit: KEYS_IN_A_PAGE, after, isWanted });
    all.push(...page.keys);
    after = page.next;
  } while (after !== null);
  return all;
}

function countsReply({ byStatus, byProvider, byReason, otherReasons }: Counts): NonNullable<Summary['connections']> {
  const living = connectionStatuses
    .filter((status) => status !== 'disconnected' && status !== 'expired')
    .reduce((sum, status) => sum + byStatus[status], 0);
  return {
    living,
    byStatus: byStatus satisfies Record<ConnectionStatus, number>,
    byProvider: { ...byProvider },
    byReason: { ...byReason },
    otherReasons,
  };
}

/** As the workflow derives it; see `actByOf` there. */
function whatEnds({ at, view: { status, invitation } }: Ending): 'invitation' | 'verification' | 'credential' {
  if (status === 'verifying') return 'verification';
  return status === 'awaiting_customer' || invitation?.expiresAt === at ? 'invitation' : 'credential';
}
