import { Type } from 'typebox';

import { maybe } from '../../../../platform/schema.ts';
import type { AskPage } from '../pages.ts';
import type { Listed, Place } from '../place.ts';
import { flag, id, listPages, moment, number, row, tagList, text } from '../rows.ts';
import { tagsOf } from '../tags.ts';

/** 18 MB on disk and 69 MB in memory: imported with the first list, by workers alone. */
const sdk = async () => await import('@aws-sdk/client-ec2');

const PAGE = 1_000;
/** EC2 throttles lists of volumes that are not paged, or in larger pages, sooner. */
const VOLUMES_PAGE = 500;
/** Terminated ones stay in the list for up to an hour. */
const LIVING = ['pending', 'running', 'shutting-down', 'stopping', 'stopped'];

const instance = row({
  InstanceId: id,
  OwnerId: text,
  State: maybe(row({ Name: text })),
  InstanceType: text,
  Placement: maybe(row({ AvailabilityZone: text })),
  VpcId: text,
  ImageId: text,
  PrivateIpAddress: text,
  PublicIpAddress: text,
  Tags: tagList,
});

export async function listInstances(place: Place): Promise<Listed> {
  const { EC2Client, DescribeInstancesCommand } = await sdk();
  const client = new EC2Client(place.calls.config('ec2'));
  const action = 'ec2:DescribeInstances';
  const Filters = [{ Name: 'instance-state-name', Values: LIVING }];
  const ask: AskPage = async (NextToken, options) => {
    const command = new DescribeInstancesCommand({ MaxResults: PAGE, NextToken, Filters });
    const { Reservations, NextToken: next } = await client.send(command, options);
    const rows = Reservations?.flatMap(({ OwnerId, Instances }) =>
      (Instances ?? []).map((one) => ({ ...one, OwnerId })),
    );
    return { rows, next };
  };
  return await listPages(
    place,
    'ec2',
    {
      kind: 'instance',
      action,
      schema: instance,
      facts: ({ InstanceId, OwnerId, State, InstanceType, Placement, Tags, ...found }) => ({
        arn: arnOf(place, 'instance', InstanceId, OwnerId),
        nativeType: 'AWS::EC2::Instance',
        ...named(Tags, InstanceId),
        zone: Placement?.AvailabilityZone,
        status: State?.Name,
        page: 'ec2',
        summary: {
          instanceId: InstanceId,
          type: InstanceType,
          vpc: found.VpcId,
          image: found.ImageId,
          privateIp: found.PrivateIpAddress,
          publicIp: found.PublicIpAddress,
        },
      }),
    },
    ask,
  );
}

const volume = row({
  VolumeId: id,
  State: text,
  AvailabilityZone: text,
  CreateTime: moment,
  Size: number,
  VolumeType: text,
  Encrypted: flag,
  Attachments: maybe(Type.Array(row({ InstanceId: text }))),
  Tags: tagList,
});

export async function listVolumes(place: Place): Promise<Listed> {
  const { EC2Client, DescribeVolumesCommand } = await sdk();
  const client = new EC2Client(place.calls.config('ec2'));
  const action = 'ec2:DescribeVolumes';
  const ask: AskPage = async (NextToken, options) => {
    const reply = await client.send(new DescribeVolumesCommand({ MaxResults: VOLUMES_PAGE, NextToken }), options);
    return { rows: reply.Volumes, next: reply.NextToken };
  };
  return await listPages(
    place,
    'ec2',
    {
      kind: 'volume',
      action,
      schema: volume,
      facts: ({ VolumeId, State, AvailabilityZone, CreateTime, Tags, ...found }) => ({
        arn: arnOf(place, 'volume', VolumeId),
        nativeType: 'AWS::EC2::Volume',
        ...named(Tags, VolumeId),
        zone: AvailabilityZone,
        status: State,
        createdAt: CreateTime,
        page: 'ec2',
        summary: {
          volumeId: VolumeId,
          sizeGb: found.Size,
          type: found.VolumeType,
          encrypted: found.Encrypted,
          attachedTo: found.Attachments?.flatMap(({ InstanceId }) => InstanceId ?? []),
        },
      }),
    },
    ask,
  );
}

const vpc = row({ VpcId: id, OwnerId: text, State: text, CidrBlock: text, IsDefault: flag, Tags: tagList });

export async function listVpcs(place: Place): Promise<Listed> {
  const { EC2Client, DescribeVpcsCommand } = await sdk();
  const client = new EC2Client(place.calls.config('ec2'));
  const action = 'ec2:DescribeVpcs';
  const ask: AskPage = async (NextToken, options) => {
    const reply = await client.send(new DescribeVpcsCommand({ MaxResults: PAGE, NextToken }), options);
    return { rows: reply.Vpcs, next: reply.NextToken };
  };
  return await listPages(
    place,
    'ec2',
    {
      kind: 'private_network',
      action,
      schema: vpc,
      facts: ({ VpcId, OwnerId, State, CidrBlock, IsDefault, Tags }) => ({
        arn: arnOf(place, 'vpc', VpcId, OwnerId),
        nativeType: 'AWS::EC2::VPC',
        ...named(Tags, VpcId),
        status: State,
        page: 'vpc',
        // One that another account shares with this one has another owner.
        summary: { vpcId: VpcId, cidr: CidrBlock, isDefault: IsDefault, account: OwnerId },
      }),
    },
    ask,
  );
}

/** EC2's lists have no ARNs. */
const arnOf = ({ partition, calls, account }: Place, type: string, name: string, owner?: string | null): string =>
  `arn:${partition.manifest.id}:ec2:${calls.region}:${owner || account}:${type}/${name}`;

/** In EC2 a name is a tag. */
function named(given: unknown, otherwise: string) {
  const tags = tagsOf(given);
  return { name: tags['Name'] || otherwise, tags };
}
