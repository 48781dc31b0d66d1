import { maybe } from '../../../../platform/schema.ts';
import type { Loss } from '../../../listing/lister.ts';
import type { CallFailed } from '../calls.ts';
import { allPages, pathOf, type AskPage } from '../pages.ts';
import { isPartly, lossOf, type Listed, type Place } from '../place.ts';
import { createReader, id, moment, row, tagList, text } from '../rows.ts';
import { tagsOf } from '../tags.ts';

const PAGE = 100;

const cluster = row({
  arn: id,
  name: id,
  status: text,
  createdAt: moment,
  version: text,
  endpoint: text,
  resourcesVpcConfig: maybe(row({ vpcId: text })),
  tags: tagList,
});

/** The list has names only; each cluster is asked for. */
export async function listKubernetes(place: Place): Promise<Listed> {
  const { EKSClient, ListClustersCommand, DescribeClusterCommand } = await import('@aws-sdk/client-eks');
  const { calls } = place;
  const client = new EKSClient(calls.config('eks'));
  const names: string[] = [];
  const ask: AskPage = async (nextToken, options) => {
    const reply = await client.send(new ListClustersCommand({ maxResults: PAGE, nextToken }), options);
    return { rows: reply.clusters, next: reply.nextToken };
  };
  const lists = { service: 'eks', action: 'eks:ListClusters' } as const;
  const losses: Loss[] = [...(await allPages(calls, lists, ask, (rows) => void names.push(...rows.map(String))))];
  const action = 'eks:DescribeCluster';
  const failures: CallFailed[] = [];
  const described = async (name: string): Promise<unknown> => {
    try {
      return await calls.call('eks', action, async (options) => {
        return (await client.send(new DescribeClusterCommand({ name }), options)).cluster;
      });
    } catch (error) {
      if (!isPartly(error)) throw error;
      // Deleted since it was listed.
      if (error.sign === 'not_found') return undefined;
      failures.push(error);
      losses.push(lossOf(`${pathOf(calls, action)} ${name}`, error));
      return undefined;
    }
  };
  const found = await Promise.all(names.map(described));
  const [first] = failures;
  if (first && failures.length === names.length) throw first;
  const reader = createReader(place, {
    kind: 'kubernetes',
    action,
    schema: cluster,
    facts: ({ arn, name, status, createdAt, version, endpoint, resourcesVpcConfig, tags }) => ({
      arn,
      nativeType: 'AWS::EKS::Cluster',
      name,
      status,
      createdAt,
      url: endpoint,
      tags: tagsOf(tags),
      page: 'eks',
      summary: { version, vpc: resourcesVpcConfig?.vpcId },
    }),
  });
  reader.take(found.filter((each) => each !== undefined));
  return reader.listed(losses);
}
