import { Type, type Static } from 'typebox';
import type { ConnectionRef } from '../../contracts/connection.ts';
import { readCounts, type CountDependencies, type ResourceCounts } from '../../stores/inventory/counts.ts';
import { NO_REGION } from '../../stores/inventory/port.ts';
import type { App, AppDependencies } from '../http/app-types.ts';
import { tenantOf } from '../http/principal.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { nullable } from '../http/schema.ts';
import { shareAnswers } from '../temporal/share-answers.ts';

const KindCounts = Type.Object({
  kind: Type.String(),
  resources: Type.Integer(),
  regions: Type.Array(Type.Object({ region: nullable(Type.String()), resources: Type.Integer() }), {
    description: 'Those with the most first; null for resources without a region.',
  }),
});

const Totals = {
  connections: Type.Integer({ description: 'Living ones, connected or not.' }),
  resources: Type.Integer(),
  stale: Type.Integer({ description: 'Lists that are older than the last try.' }),
  denied: Type.Integer({ description: 'Lists that credentials have no right to make.' }),
};

const SummarySchema = Type.Object({
  ...Totals,
  providers: Type.Array(Type.Object({ provider: Type.String(), ...Totals, kinds: Type.Array(KindCounts) })),
});
type Summary = Static<typeof SummarySchema>;
type Connected = readonly [connection: ConnectionRef, counts: ResourceCounts];

/** A page with counts asks again and again; thousands of connections are not read for each of them. */
const SHARED_MS = 2_000;
const TENANTS_SHARED = 1_000;
const CONNECTIONS_AT_ONCE = 100;

export function registerSummary(app: App, deps: AppDependencies): void {
  const { connections, clock } = deps;
  const shared = shareAnswers<Summary>(clock, { keptMs: () => SHARED_MS, most: TENANTS_SHARED });
  app.get(
    '/v1/resources/summary',
    {
      config: { access: 'connections:read' },
      schema: {
        operationId: 'summarizeResources',
        summary: 'How many resources there are, by cloud, kind and region',
        description: 'Across all connections, as of the last discovery of each that brought news.',
        tags: ['resources'],
        response: { 200: SummarySchema, ...problemReplies(401, 403, 422, 429, 503) },
      },
    },
    async (request) => {
      const tenant = tenantOf(request);
      return await shared(tenant, async () => summaryOf(await countsOf(deps, await connections.refs(tenant))));
    },
  );
}

async function countsOf(deps: CountDependencies, connections: readonly ConnectionRef[]): Promise<Connected[]> {
  const counted: Connected[] = [];
  for (let from = 0; from < connections.length; from += CONNECTIONS_AT_ONCE) {
    const some = connections.slice(from, from + CONNECTIONS_AT_ONCE);
    counted.push(...(await Promise.all(some.map(async (each) => [each, await readCounts(deps, each.id)] as const))));
  }
  return counted;
}

function summaryOf(counted: readonly Connected[]): Summary {
  const byProvider = [...Map.groupBy(counted, ([{ provider }]) => provider)];
  return {
    ...totalsOf(counted),
    providers: byProvider
      .map(([provider, all]) => ({ provider, ...totalsOf(all), kinds: kindsOf(all) }))
      .toSorted((one, other) => other.resources - one.resources),
  };
}

function totalsOf(counted: readonly Connected[]): Omit<Summary, 'providers'> {
  const sum = (part: 'resources' | 'stale' | 'denied'): number =>
    counted.reduce((total, [, counts]) => total + counts[part], 0);
  return { connections: counted.length, resources: sum('resources'), stale: sum('stale'), denied: sum('denied') };
}

function kindsOf(counted: readonly Connected[]): Summary['providers'][number]['kinds'] {
  const kinds = new Map<string, Map<string, number>>();
  for (const [, counts] of counted) {
    for (const [kind, regions] of Object.entries(counts.kinds)) {
      const ofKind = kinds.get(kind) ?? new Map<string, number>();
      for (const [region, count] of Object.entries(regions)) ofKind.set(region, (ofKind.get(region) ?? 0) + count);
      kinds.set(kind, ofKind);
    }
  }
  return [...kinds]
    .map(([kind, regions]) => ({
      kind,
      resources: [...regions.values()].reduce((total, count) => total + count, 0),
      regions: [...regions]
        .map(([region, resources]) => ({ region: region === NO_REGION ? null : region, resources }))
        .toSorted((one, other) => other.resources - one.resources),
    }))
    .toSorted((one, other) => other.resources - one.resources);
}
