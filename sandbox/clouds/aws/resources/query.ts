import type { Reply, SandboxRequest } from '../../../core/cloud.ts';
import { render, type Elements } from '../replies.ts';
import { laidOver, numberIn, pageOf, type Operation, type ResourceCall } from './call.ts';
import { nameOf, tagsOf, type KindName } from './kinds.ts';
import type { Resource } from './inventory.ts';

type Operations = Readonly<Record<string, (form: URLSearchParams) => Operation>>;

/** EC2, RDS and both services of load balancers: a form goes in, XML comes out. */
export function queryOperation(service: 'ec2' | 'rds' | 'elasticloadbalancing', { body }: SandboxRequest) {
  const form = new URLSearchParams(body);
  const name = form.get('Action') ?? '';
  // The two generations of load balancers have one endpoint and one name; only the version of the API tells.
  const isClassic = service === 'elasticloadbalancing' && form.get('Version') === '2012-06-01';
  const operation = operations[isClassic ? 'classic' : service]?.[name]?.(form);
  return { name: isClassic ? `${name}.classic` : name, operation };
}

const EC2 = 'http://ec2.amazonaws.com/doc/2016-11-15/';
const RDS = 'http://rds.amazonaws.com/doc/2014-10-31/';
const ELB = 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/';

const xml = (root: string, namespace: string, content: Elements): Reply => ({
  status: 200,
  headers: { 'content-type': 'text/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${namespace}">${render(content)}</${root}>\n`,
});

const pairs = (resource: Resource, key: string, value: string): Elements[] =>
  Object.entries(tagsOf(resource.seed)).map(([name, text]) => ({ [key]: name, [value]: text }));

/** A list of EC2: rows in a set of items. */
function ec2List(
  kind: KindName,
  action: string,
  set: string,
  row: (resource: Resource, call: ResourceCall) => Elements,
) {
  return (form: URLSearchParams): Operation => ({
    right: `ec2:${action}`,
    answer(call) {
      const { rows, next } = pageOf(call, kind, form.get('NextToken'), numberIn(form.get('MaxResults')));
      const items = rows.map((resource) => laidOver(row(resource, call), resource));
      return xml(`${action}Response`, EC2, { [set]: { item: items }, ...(next && { nextToken: next }) });
    },
  });
}

/** A list of RDS or of load balancers: rows in a result, with a marker. */
function markedList(list: {
  readonly service: string;
  readonly namespace: string;
  readonly kind: KindName;
  readonly action: string;
  readonly set: string;
  readonly item: string;
  readonly marker: string;
  readonly row: (resource: Resource, call: ResourceCall) => Elements;
}) {
  const { service, namespace, kind, action, set, item, marker, row } = list;
  return (form: URLSearchParams): Operation => ({
    right: `${service}:${action}`,
    answer(call) {
      const asked = numberIn(form.get('MaxRecords') ?? form.get('PageSize'));
      const { rows, next } = pageOf(call, kind, form.get('Marker'), asked);
      const items = rows.map((resource) => laidOver(row(resource, call), resource));
      const result = { [set]: { [item]: items }, ...(next && { [marker]: next }) };
      return xml(`${action}Response`, namespace, { [`${action}Result`]: result });
    },
  });
}

const instance = ({ arn, seed }: Resource, { region, caller }: ResourceCall): Elements => ({
  reservationId: `r-${seed.hex(17)}`,
  ownerId: caller.accountId,
  instancesSet: {
    item: {
      instanceId: nameOf(arn),
      imageId: `ami-${seed.hex(17)}`,
      instanceState: { code: 16, name: 'running' },
      instanceType: seed.index % 2 === 0 ? 't3.micro' : 'm7g.large',
      launchTime: seed.made,
      placement: { availabilityZone: `${region}a`, tenancy: 'default' },
      subnetId: `subnet-${seed.hex(17)}`,
      vpcId: `vpc-${seed.hex(17)}`,
      privateIpAddress: `10.0.${Math.floor(seed.index / 250) % 250}.${(seed.index % 250) + 1}`,
      // AWS's own list does not have this field. A client that keeps unknown fields would show the password.
      userData: 'password=hunter2',
      tagSet: {
        item: [{ key: 'Name', value: `web-${seed.index + 1}` }, ...pairs({ arn, seed, changed: {} }, 'key', 'value')],
      },
    },
  },
});

const database = ({ arn, seed }: Resource, { region }: ResourceCall): Elements => ({
  DBInstanceIdentifier: nameOf(arn),
  DBInstanceArn: arn,
  DBInstanceClass: 'db.t4g.medium',
  Engine: 'postgres',
  EngineVersion: '17.2',
  DBInstanceStatus: 'available',
  MasterUsername: 'admin',
  PendingModifiedValues: { MasterUserPassword: 'hunter2' },
  Endpoint: { Address: `${nameOf(arn)}.${seed.hex(12)}.${region}.rds.amazonaws.com`, Port: 5432 },
  AvailabilityZone: `${region}b`,
  InstanceCreateTime: seed.made,
  TagList: { Tag: pairs({ arn, seed, changed: {} }, 'Key', 'Value') },
});

const operations: Readonly<Record<string, Operations>> = {
  ec2: {
    DescribeRegions: () => ({
      right: 'ec2:DescribeRegions',
      answer: ({ settings, partition }) =>
        xml('DescribeRegionsResponse', EC2, {
          regionInfo: {
            item: enabledRegions(settings, partition.id).map((name) => ({
              regionName: name,
              regionEndpoint: `ec2.${name}.amazonaws.com`,
              optInStatus: 'opt-in-not-required',
            })),
          },
        }),
    }),
    DescribeInstances: ec2List('instances', 'DescribeInstances', 'reservationSet', instance),
    DescribeVolumes: ec2List('volumes', 'DescribeVolumes', 'volumeSet', ({ arn, seed }, { region }) => ({
      volumeId: nameOf(arn),
      size: 8 + (seed.index % 100),
      volumeType: 'gp3',
      encrypted: true,
      availabilityZone: `${region}a`,
      status: 'in-use',
      createTime: seed.made,
      attachmentSet: { item: [{ instanceId: `i-${seed.hex(17)}`, device: '/dev/xvda', status: 'attached' }] },
      tagSet: { item: pairs({ arn, seed, changed: {} }, 'key', 'value') },
    })),
    DescribeVpcs: ec2List('vpcs', 'DescribeVpcs', 'vpcSet', ({ arn, seed }, { caller }) => ({
      vpcId: nameOf(arn),
      ownerId: caller.accountId,
      state: 'available',
      cidrBlock: `10.${seed.index % 250}.0.0/16`,
      isDefault: seed.index === 0,
      tagSet: { item: pairs({ arn, seed, changed: {} }, 'key', 'value') },
    })),
  },
  rds: {
    DescribeDBInstances: markedList({
      service: 'rds',
      namespace: RDS,
      kind: 'dbInstances',
      action: 'DescribeDBInstances',
      set: 'DBInstances',
      item: 'DBInstance',
      marker: 'Marker',
      row: database,
    }),
    DescribeDBClusters: markedList({
      service: 'rds',
      namespace: RDS,
      kind: 'dbClusters',
      action: 'DescribeDBClusters',
      set: 'DBClusters',
      item: 'DBCluster',
      marker: 'Marker',
      row: ({ arn, seed }, { region }) => ({
        DBClusterIdentifier: nameOf(arn),
        DBClusterArn: arn,
        Engine: 'aurora-postgresql',
        EngineVersion: '16.4',
        Status: 'available',
        Endpoint: `${nameOf(arn)}.cluster-${seed.hex(12)}.${region}.rds.amazonaws.com`,
        Port: 5432,
        MultiAZ: false,
        ClusterCreateTime: seed.made,
        TagList: { Tag: pairs({ arn, seed, changed: {} }, 'Key', 'Value') },
      }),
    }),
  },
  elasticloadbalancing: {
    DescribeLoadBalancers: markedList({
      service: 'elasticloadbalancing',
      namespace: ELB,
      kind: 'loadBalancers',
      action: 'DescribeLoadBalancers',
      set: 'LoadBalancers',
      item: 'member',
      marker: 'NextMarker',
      row: ({ arn, seed }, { region }) => ({
        LoadBalancerArn: arn,
        LoadBalancerName: `web-${seed.index + 1}`,
        DNSName: `web-${seed.index + 1}-${seed.hex(8)}.${region}.elb.amazonaws.com`,
        CreatedTime: seed.made,
        Scheme: 'internet-facing',
        VpcId: `vpc-${seed.hex(17)}`,
        State: { Code: 'active' },
        Type: 'application',
      }),
    }),
  },
  classic: {
    DescribeLoadBalancers: markedList({
      service: 'elasticloadbalancing',
      namespace: ELB.replace('2015-12-01', '2012-06-01'),
      kind: 'classicLoadBalancers',
      action: 'DescribeLoadBalancers',
      set: 'LoadBalancerDescriptions',
      item: 'member',
      marker: 'NextMarker',
      row: ({ arn, seed }, { region }) => ({
        LoadBalancerName: nameOf(arn),
        DNSName: `${nameOf(arn)}-${seed.hex(8)}.${region}.elb.amazonaws.com`,
        CreatedTime: seed.made,
        Scheme: 'internal',
        VPCId: `vpc-${seed.hex(17)}`,
      }),
    }),
  },
};

/** Each of the other partitions has two regions. */
export function enabledRegions(
  { enabledRegions: regions }: ResourceCall['settings'],
  partition: string,
): readonly string[] {
  if (partition === 'aws-cn') return ['cn-north-1', 'cn-northwest-1'];
  return partition === 'aws-us-gov' ? ['us-gov-west-1', 'us-gov-east-1'] : regions;
}
