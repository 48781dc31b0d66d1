import { Type } from 'typebox';

import { maybe } from '../../../../platform/schema.ts';
import type { Loss } from '../../../listing/lister.ts';
import type { CallFailed } from '../calls.ts';
import { allPages, failed, pathOf, type AskPage } from '../pages.ts';
import { isPartly, lossOf, type Listed, type Place } from '../place.ts';
import { partFailed, unexpectedAnswer } from '../problems.ts';
import { createReader, id, row, tagList, text } from '../rows.ts';
import { tagsOf } from '../tags.ts';

/** The most that the two calls take. */
const PAGE = 100;
const DESCRIBE = 'ecs:DescribeClusters';

const cluster = row({
  clusterArn: id,
  clusterName: text,
  status: text,
  capacityProviders: maybe(Type.Array(Type.String())),
  tags: tagList,
});

/** The list has ARNs only; clusters are asked for by the hundred. Counts of tasks move by themselves and are left out. */
export async function listContainerServices(place: Place): Promise<Listed> {
  const { ECSClient, ListClustersCommand, DescribeClustersCommand } = await import('@aws-sdk/client-ecs');
  const { calls } = place;
  const client = new ECSClient(calls.config('ecs'));
  const arns: string[] = [];
  const ask: AskPage = async (nextToken, options) => {
    const reply = await client.send(new ListClustersCommand({ maxResults: PAGE, nextToken }), options);
    return { rows: reply.clusterArns, next: reply.nextToken };
  };
  const lists = { service: 'ecs', action: 'ecs:ListClusters' } as const;
  const losses: Loss[] = [...(await allPages(calls, lists, ask, (rows) => void arns.push(...rows.map(String))))];
  const failures: CallFailed[] = [];
  const path = pathOf(calls, DESCRIBE);
  const described = async (clusters: string[]): Promise<readonly unknown[]> => {
    try {
      return await calls.call('ecs', DESCRIBE, async (options) => {
        const reply = await client.send(new DescribeClustersCommand({ clusters, include: ['TAGS'] }), options);
        if (!reply.clusters)
          throw failed(unexpectedAnswer({ action: DESCRIBE, region: calls.region }, 'no list in it'));
        for (const { arn = '', reason = '' } of reply.failures ?? []) {
          // Deleted since it was listed.
          if (reason === 'MISSING') continue;
          losses.push(lossOf(`${path} ${arn}`, failed(partFailed({ action: DESCRIBE, region: calls.region }, reason))));
        }
        return reply.clusters;
      });
    } catch (error) {
      if (!isPartly(error)) throw error;
      failures.push(error);
      losses.push(lossOf(path, error));
      return [];
    }
  };
  const batches = inBatches(arns);
  const rows = (await Promise.all(batches.map(described))).flat();
  const [first] = failures;
  if (first && failures.length === batches.length) throw first;
  const reader = createReader(place, {
    kind: 'container_service',
    action: DESCRIBE,
    schema: cluster,
    facts: ({ clusterArn, clusterName, status, capacityProviders, tags }) =>
      status === 'INACTIVE'
        ? undefined
        : {
            arn: clusterArn,
            nativeType: 'AWS::ECS::Cluster',
            name: clusterName,
            status,
            tags: tagsOf(tags),
            page: 'ecs',
            summary: { capacityProviders },
          },
  });
  reader.take(rows);
  return reader.listed(losses);
}

const inBatches = (all: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(all.length / PAGE) }, (_, index) => all.slice(index * PAGE, (index + 1) * PAGE));
