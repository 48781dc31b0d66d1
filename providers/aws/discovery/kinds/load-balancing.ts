import { maybe } from '../../../../platform/schema.ts';
import { pathOf, type AskPage } from '../pages.ts';
import { together, type Listed, type Place } from '../place.ts';
import { id, listPages, moment, row, text } from '../rows.ts';
import type { TagsByArn } from './tag-lookup.ts';

const PAGE = 400;
const ACTION = 'elasticloadbalancing:DescribeLoadBalancers';

/** Of both generations, which are two services at one endpoint, with one right. */
export const listLoadBalancers = async (place: Place, tags: TagsByArn): Promise<Listed> =>
  await together([
    { path: `${pathOf(place.calls, ACTION)} v2`, made: balancers(place, tags) },
    { path: `${pathOf(place.calls, ACTION)} classic`, made: classicBalancers(place, tags) },
  ]);

const balancer = row({
  LoadBalancerArn: id,
  LoadBalancerName: text,
  State: maybe(row({ Code: text })),
  CreatedTime: moment,
  Type: text,
  Scheme: text,
  DNSName: text,
  VpcId: text,
});

async function balancers(place: Place, tags: TagsByArn): Promise<Listed> {
  const { ElasticLoadBalancingV2Client: Client, DescribeLoadBalancersCommand } =
    await import('@aws-sdk/client-elastic-load-balancing-v2');
  const client = new Client(place.calls.config('loadBalancing'));
  const found = await tags();
  const ask: AskPage = async (Marker, options) => {
    const reply = await client.send(new DescribeLoadBalancersCommand({ PageSize: PAGE, Marker }), options);
    return { rows: reply.LoadBalancers, next: reply.NextMarker };
  };
  return await listPages(
    place,
    'loadBalancing',
    {
      kind: 'load_balancer',
      action: ACTION,
      schema: balancer,
      facts: ({ LoadBalancerArn, LoadBalancerName, State, CreatedTime, Type: type, Scheme, DNSName, VpcId }) => ({
        arn: LoadBalancerArn,
        nativeType: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
        name: LoadBalancerName,
        status: State?.Code,
        createdAt: CreatedTime,
        tags: found(LoadBalancerArn),
        page: 'ec2',
        summary: { type, scheme: Scheme, dnsName: DNSName, vpc: VpcId },
      }),
    },
    ask,
  );
}

const classicBalancer = row({ LoadBalancerName: id, CreatedTime: moment, Scheme: text, DNSName: text, VPCId: text });

async function classicBalancers(place: Place, tags: TagsByArn): Promise<Listed> {
  const { ElasticLoadBalancingClient: Client, DescribeLoadBalancersCommand } =
    await import('@aws-sdk/client-elastic-load-balancing');
  const client = new Client(place.calls.config('loadBalancing'));
  const found = await tags();
  const ask: AskPage = async (Marker, options) => {
    const reply = await client.send(new DescribeLoadBalancersCommand({ PageSize: PAGE, Marker }), options);
    return { rows: reply.LoadBalancerDescriptions, next: reply.NextMarker };
  };
  return await listPages(
    place,
    'loadBalancing',
    {
      kind: 'load_balancer',
      action: ACTION,
      schema: classicBalancer,
      facts: ({ LoadBalancerName: name, CreatedTime, Scheme, DNSName, VPCId }) => {
        const { partition, calls, account } = place;
        const arn = `arn:${partition.manifest.id}:elasticloadbalancing:${calls.region}:${account}:loadbalancer/${name}`;
        return {
          arn,
          nativeType: 'AWS::ElasticLoadBalancing::LoadBalancer',
          name,
          createdAt: CreatedTime,
          tags: found(arn),
          page: 'ec2',
          summary: { type: 'classic', scheme: Scheme, dnsName: DNSName, vpc: VPCId },
        };
      },
    },
    ask,
  );
}
