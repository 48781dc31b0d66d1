import { maybe } from '../../../../platform/schema.ts';
import { pathOf, type AskPage } from '../pages.ts';
import { together, type Listed, type Place } from '../place.ts';
import { flag, id, listPages, moment, number, row, tagList, text } from '../rows.ts';
import { tagsOf } from '../tags.ts';

const PAGE = 100;
const INSTANCES = 'rds:DescribeDBInstances';
const CLUSTERS = 'rds:DescribeDBClusters';

/** Instances and clusters. Neptune and DocumentDB are in these lists too: the engine tells. */
export const listDatabases = async (place: Place): Promise<Listed> =>
  await together([
    { path: pathOf(place.calls, INSTANCES), made: instances(place) },
    { path: pathOf(place.calls, CLUSTERS), made: clusters(place) },
  ]);

const instance = row({
  DBInstanceArn: id,
  DBInstanceIdentifier: id,
  DBInstanceStatus: text,
  InstanceCreateTime: moment,
  AvailabilityZone: text,
  Engine: text,
  EngineVersion: text,
  DBInstanceClass: text,
  DBClusterIdentifier: text,
  Endpoint: maybe(row({ Address: text, Port: number })),
  TagList: tagList,
});

async function instances(place: Place): Promise<Listed> {
  const { RDSClient, DescribeDBInstancesCommand } = await import('@aws-sdk/client-rds');
  const client = new RDSClient(place.calls.config('rds'));
  const ask: AskPage = async (Marker, options) => {
    const reply = await client.send(new DescribeDBInstancesCommand({ MaxRecords: PAGE, Marker }), options);
    return { rows: reply.DBInstances, next: reply.Marker };
  };
  return await listPages(
    place,
    'rds',
    {
      kind: 'database',
      action: INSTANCES,
      schema: instance,
      facts: ({ DBInstanceArn, DBInstanceIdentifier, Endpoint, TagList, ...found }) => ({
        arn: DBInstanceArn,
        nativeType: 'AWS::RDS::DBInstance',
        name: DBInstanceIdentifier,
        zone: found.AvailabilityZone,
        status: found.DBInstanceStatus,
        createdAt: found.InstanceCreateTime,
        tags: tagsOf(TagList),
        page: 'rds',
        summary: {
          engine: found.Engine,
          version: found.EngineVersion,
          class: found.DBInstanceClass,
          cluster: found.DBClusterIdentifier,
          endpoint: addressOf(Endpoint?.Address, Endpoint?.Port),
        },
      }),
    },
    ask,
  );
}

const cluster = row({
  DBClusterArn: id,
  DBClusterIdentifier: id,
  Status: text,
  ClusterCreateTime: moment,
  Engine: text,
  EngineVersion: text,
  Endpoint: text,
  Port: number,
  MultiAZ: flag,
  TagList: tagList,
});

async function clusters(place: Place): Promise<Listed> {
  const { RDSClient, DescribeDBClustersCommand } = await import('@aws-sdk/client-rds');
  const client = new RDSClient(place.calls.config('rds'));
  const ask: AskPage = async (Marker, options) => {
    const reply = await client.send(new DescribeDBClustersCommand({ MaxRecords: PAGE, Marker }), options);
    return { rows: reply.DBClusters, next: reply.Marker };
  };
  return await listPages(
    place,
    'rds',
    {
      kind: 'database',
      action: CLUSTERS,
      schema: cluster,
      facts: ({ DBClusterArn, DBClusterIdentifier, Status, ClusterCreateTime, TagList, ...found }) => ({
        arn: DBClusterArn,
        nativeType: 'AWS::RDS::DBCluster',
        name: DBClusterIdentifier,
        status: Status,
        createdAt: ClusterCreateTime,
        tags: tagsOf(TagList),
        page: 'rds',
        summary: {
          engine: found.Engine,
          version: found.EngineVersion,
          multiZone: found.MultiAZ,
          endpoint: addressOf(found.Endpoint, found.Port),
        },
      }),
    },
    ask,
  );
}

const addressOf = (host: string | null | undefined, port: number | null | undefined): string | undefined =>
  host ? `${host}${port ? `:${port}` : ''}` : undefined;
