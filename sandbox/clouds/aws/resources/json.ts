import type { JsonObject } from '../../../../platform/json.ts';
import type { Reply, SandboxRequest } from '../../../core/cloud.ts';
import { enabledRegions } from './query.ts';
import { laidOver, numberIn, offsetOf, pageOf, tokenOf, type Operation, type ResourceCall } from './call.ts';
import type { Resource } from './inventory.ts';
import { GLOBAL, kindNames, kinds, nameOf, tagsOf, type Kind } from './kinds.ts';

type Operations = Readonly<Record<string, (input: JsonObject) => Operation>>;

/** ECS, ECR and the tagging service: the operation is in a header, JSON goes in and comes out. */
export function jsonOperation(service: 'ecs' | 'ecr' | 'tagging', { headers, body }: SandboxRequest) {
  const [, name = ''] = /\.(\w+)$/.exec(String(headers['x-amz-target'] ?? '')) ?? [];
  return { name, operation: operations[service]?.[name]?.(jsonIn(body)) };
}

export const jsonIn = (body: string): JsonObject => (body === '' ? {} : (JSON.parse(body) as JsonObject));

/** An object, so that a fault can alter it. */
export const json = (body: JsonObject): Reply => ({
  status: 200,
  headers: { 'content-type': 'application/x-amz-json-1.1' },
  body,
});

const textIn = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
export const secondsOf = (moment: string): number => Date.parse(moment) / 1000;

const tagPairs = ({ seed }: Resource, key: string, value: string): JsonObject[] =>
  Object.entries(tagsOf(seed)).map(([name, text]) => ({ [key]: name, [value]: text }));

const operations: Readonly<Record<string, Operations>> = {
  ecs: {
    ListClusters: ({ nextToken, maxResults }) => ({
      right: 'ecs:ListClusters',
      answer(call) {
        const { rows, next } = pageOf(call, 'ecsClusters', textIn(nextToken), numberIn(maxResults));
        return json({ clusterArns: rows.map(({ arn }) => arn), ...(next && { nextToken: next }) });
      },
    }),
    DescribeClusters: ({ clusters = [] }) => ({
      right: 'ecs:DescribeClusters',
      answer({ resources, caller, region }) {
        const wanted = Array.isArray(clusters) ? clusters : [];
        const rows = resources.all({ account: caller.accountId, region }, 'ecsClusters');
        const found = rows.filter(({ arn }) => wanted.includes(arn));
        const missing = wanted.filter((arn) => !found.some((each) => each.arn === arn));
        return json({
          clusters: found.map((resource) =>
            laidOver(
              {
                clusterArn: resource.arn,
                clusterName: nameOf(resource.arn),
                status: 'ACTIVE',
                // These move by themselves.
                runningTasksCount: Math.floor(Date.now() / 1000) % 7,
                configuration: { executeCommandConfiguration: { logging: 'hunter2' } },
                capacityProviders: ['FARGATE'],
                tags: tagPairs(resource, 'key', 'value'),
              },
              resource,
            ),
          ),
          failures: missing.map((arn) => ({ arn, reason: 'MISSING' })),
        });
      },
    }),
  },
  ecr: {
    DescribeRepositories: ({ nextToken, maxResults }) => ({
      right: 'ecr:DescribeRepositories',
      answer(call) {
        const { rows, next } = pageOf(call, 'repositories', textIn(nextToken), numberIn(maxResults));
        return json({
          repositories: rows.map((resource) =>
            laidOver(
              {
                repositoryArn: resource.arn,
                registryId: call.caller.accountId,
                repositoryName: nameOf(resource.arn),
                repositoryUri: `${call.caller.accountId}.dkr.ecr.${call.region}.amazonaws.com/${nameOf(resource.arn)}`,
                createdAt: secondsOf(resource.seed.made),
                imageTagMutability: 'IMMUTABLE',
              },
              resource,
            ),
          ),
          ...(next && { nextToken: next }),
        });
      },
    }),
  },
  tagging: {
    GetResources: ({ PaginationToken, ResourcesPerPage, ResourceTypeFilters }) => ({
      right: 'tag:GetResources',
      answer(call) {
        const types = Array.isArray(ResourceTypeFilters) ? ResourceTypeFilters : [];
        const rows = taggedIn(call, types.map(String));
        const from = offsetOf(textIn(PaginationToken));
        const end = from + (numberIn(ResourcesPerPage) ?? 50);
        return json({
          ResourceTagMappingList: rows
            .slice(from, end)
            .map((resource) => ({ ResourceARN: resource.arn, Tags: tagPairs(resource, 'Key', 'Value') })),
          // The last page's is empty, not absent.
          PaginationToken: end < rows.length ? tokenOf(end) : '',
        });
      },
    }),
  },
};

/** What of those types has tags in the region; buckets are in a region here, unlike in their own list. */
function taggedIn(call: ResourceCall, types: readonly string[]): Resource[] {
  const { resources, caller, region } = call;
  return kindNames.flatMap((kind) => {
    const { tagged }: Kind = kinds[kind];
    if (tagged === undefined || (types.length > 0 && !types.includes(tagged))) return [];
    if (kind !== 'buckets') return resources.all({ account: caller.accountId, region }, kind);
    const buckets = resources.all({ account: caller.accountId, region: GLOBAL }, kind);
    return buckets.filter((bucket) => bucketRegion(call, bucket) === region);
  });
}

/** Spread over the regions that are enabled. */
export function bucketRegion({ settings, partition }: ResourceCall, { seed }: Resource): string {
  const regions = enabledRegions(settings, partition.id);
  return regions[seed.index % regions.length] ?? partition.region;
}
