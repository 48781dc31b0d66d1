import type { Clock } from '../../../platform/clock.ts';
import type { Problem } from '../../../contracts/problem.ts';
import type { Http } from '../../http/http.ts';
import type { KindListing, ListContext, ListDefinition, Listing, ResourceLister } from '../../listing/lister.ts';
import { notConfigured } from '../../preconditions.ts';
import { ProviderError } from '../../provider.ts';
import type { OpenPartition, Session } from '../client.ts';
import { discovery } from '../manifest/discovery.ts';
import { readSubmission } from '../role.ts';
import { CallFailed, createRegionCalls, SessionEnded, type CallsDependencies } from './calls.ts';
import { homeRegionOf, regionsOf } from './endpoints.ts';
import { listInstances, listVolumes, listVpcs } from './kinds/ec2.ts';
import { listRegistries } from './kinds/ecr.ts';
import { listContainerServices } from './kinds/ecs.ts';
import { listKubernetes } from './kinds/eks.ts';
import { listFunctions } from './kinds/lambda.ts';
import { listLoadBalancers } from './kinds/load-balancing.ts';
import { listDatabases } from './kinds/rds.ts';
import { listBuckets } from './kinds/s3.ts';
import { createTagLookup, type TaggedType, type TagsByArn } from './kinds/tag-lookup.ts';
import { isPartly, type Listed, type Place } from './place.ts';
import { createRegionHealth } from './region-health.ts';
import { createRegionSlots } from './region-slots.ts';
import { listRegions, regionNamed } from './regions.ts';
import { SOURCE } from './rows.ts';
import { createSessions } from './sessions.ts';

export interface AwsListerDependencies {
  readonly open: OpenPartition;
  /** With deadlines for lists, and one for connecting: a region can be cut off. */
  readonly http: Http;
  readonly clock: Clock;
  readonly wait?: CallsDependencies['wait'];
}

const kindLists: Readonly<Record<string, (place: Place, tags: TagsByArn) => Promise<Listed>>> = {
  instance: listInstances,
  volume: listVolumes,
  private_network: listVpcs,
  kubernetes: listKubernetes,
  database: listDatabases,
  container_service: listContainerServices,
  load_balancer: listLoadBalancers,
  function: listFunctions,
  registry: listRegistries,
};

/** Kinds whose own lists have no tags: one list asks for those of all three. */
const taggedTypes: Readonly<Record<string, TaggedType>> = {
  load_balancer: 'elasticloadbalancing:loadbalancer',
  function: 'lambda:function',
  registry: 'ecr:repository',
};

const inRegion = (id: string, kinds: readonly string[] = [id]): ListDefinition => ({ id, scope: 'project', kinds });

const lists: readonly ListDefinition[] = [
  inRegion('kubernetes'),
  inRegion('tagged', Object.keys(taggedTypes)),
  inRegion('container_service'),
  inRegion('database'),
  { id: 'object_storage', scope: 'account', kinds: ['object_storage'] },
  inRegion('instance'),
  inRegion('volume'),
  inRegion('private_network'),
];

/** AWS's resources, by the services' own lists, with sessions that may do nothing else. */
export function createAwsLister({ open, http, clock, wait }: AwsListerDependencies): ResourceLister {
  const sessions = createSessions({ open, clock });
  const health = createRegionHealth(clock);
  const calls = { http, clock, health, slots: createRegionSlots(), ...(wait && { wait }) };

  function placeIn(context: ListContext, session: Session, region: string): Place {
    const { arn } = readSubmission({ ...context, region: context.region.manifest.id });
    const known = [homeRegionOf(context.region), regionsOf(context.region).account];
    const of = { context, session, account: arn.accountId, region, knowsEverySession: known.includes(region) };
    return { calls: createRegionCalls(calls, of), account: arn.accountId, partition: context.region };
  }

  /** With a second session where AWS does not know the first one any more. */
  async function withSession<T>(context: ListContext, work: (session: Session) => Promise<T>): Promise<T> {
    for (let isSecond = false; ; isSecond = true) {
      const session = await sessions.get(context);
      try {
        return await work(session);
      } catch (error) {
        if (error instanceof SessionEnded) sessions.drop(context.connectionId, session);
        if (error instanceof SessionEnded && !isSecond) continue;
        if (error instanceof CallFailed) throw new ProviderError({ ...error.failure, delivery: 'answered' });
        throw error;
      }
    }
  }

  const lister: ResourceLister & { readonly placesAtOnce: number } = {
    manifest: discovery,
    lists,
    placesAtOnce: 4,
    async listProjects(context) {
      sessions.forget(context.connectionId);
      health.forget(context.connectionId);
      return await withSession(context, async (session) => {
        const home = placeIn(context, session, homeRegionOf(context.region));
        const account = placeIn(context, session, regionsOf(context.region).account);
        const { listing, notice } = await listRegions(home, account.calls);
        return { kinds: [listing], source: SOURCE, notice };
      });
    },
    async list(context, { list, kinds, projectId }) {
      return await withSession(context, async (session): Promise<Listing> => {
        if (list === 'object_storage') {
          const home = placeIn(context, session, homeRegionOf(context.region));
          let notice: Problem | null = null;
          const buckets = await settled(kinds, async () => {
            const found = await listBuckets(home, (region) => placeIn(context, session, region).calls);
            notice = found.notice;
            return found.listed;
          });
          return { kinds: buckets, source: SOURCE, notice };
        }
        const place = placeIn(context, session, checkedRegion(projectId));
        const types = kinds.flatMap((kind) => taggedTypes[kind] ?? []);
        const lookup = createTagLookup(place.calls, types);
        const found = await settled(kinds, async (kind) => {
          const make = kindLists[kind];
          if (!make) throw new RangeError(`AWS has no kind "${kind}" in a region.`);
          return await make(place, lookup.tags);
        });
        return { kinds: found, source: SOURCE, notice: lookup.notice() };
      });
    },
    readiness: () => Promise.resolve({ source: SOURCE, version: null, notice: null }),
  };
  return lister;
}

/** Each kind fails alone. The end of the session, or of the work, ends all of them. */
async function settled(kinds: readonly string[], make: (kind: string) => Promise<Listed>): Promise<KindListing[]> {
  const results = await Promise.allSettled(kinds.map(async (kind) => await make(kind)));
  return results.map((result, index): KindListing => {
    const kind = kinds[index] ?? '';
    if (result.status === 'fulfilled') return { kind, outcome: 'listed', ...result.value };
    if (isPartly(result.reason)) return { kind, outcome: 'failed', failure: result.reason.failure };
    throw result.reason;
  });
}

function checkedRegion(projectId: string | null): string {
  const region = regionNamed(projectId);
  if (region !== undefined) return region;
  throw notConfigured({
    code: 'region_invalid',
    message: `"${projectId ?? ''}" is not a region of AWS.`,
    remedy: 'Use the id as the list of regions gives it, e.g. eu-west-1.',
  });
}
