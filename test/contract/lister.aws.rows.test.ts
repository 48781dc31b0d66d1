import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { account, placeOf, sandboxKinds, startAwsLists, type AwsLists } from './lister.aws.on-sandbox.ts';

describe('rows of AWS', () => {
  let aws: AwsLists;
  beforeEach(async () => void (aws = await startAwsLists()));
  afterEach(async () => await aws.close());

  const seed = async (kind: string, count: number) =>
    await aws.cloud.aws.resize(placeOf(kind), { [sandboxKinds[kind] ?? '']: count });
  const rowsOf = async (kind: string) => {
    const listing = await aws.kind(kind);
    if (listing.outcome !== 'listed') throw new Error(listing.failure.problem.message);
    expect(listing.losses).toEqual([]);
    return listing.rows;
  };

  test('all of 20,000 resources of a kind arrive, with their own keys', { timeout: 60_000 }, async () => {
    await seed('instance', 20_000);
    const rows = await rowsOf('instance');
    expect(new Set(rows.map(({ key }) => key)).size).toBe(20_000);
    const { requests } = await aws.cloud.counters('aws');
    expect(requests['ec2.DescribeInstances']).toBe(20);
  });

  test('a row says what people look for, in the vocabulary of all clouds', async () => {
    await seed('instance', 1);
    const [row] = await rowsOf('instance');
    const arn = expect.stringMatching(
      new RegExp(`^arn:aws:ec2:us-east-1:${account}:instance/i-[0-9a-f]{17}$`),
    ) as string;
    expect(row).toMatchObject({
      key: arn,
      id: arn,
      kind: 'instance',
      project: 'us-east-1',
      name: 'web-1',
      region: 'us-east-1',
      zone: 'us-east-1a',
      status: 'running',
      createdAt: null,
      nativeType: 'AWS::EC2::Instance',
      source: 'api',
      consoleUrl: expect.stringContaining('/go/view?arn=arn%3Aaws%3Aec2') as string,
      summary: { type: 't3.micro', privateIp: '10.0.0.1' },
    });
  });

  test.for(['--debug', '../../me', 'us-east-1.evil.example/', '', null])(
    'a region named %j is refused before any request',
    async (region) => {
      await expect(aws.list('instance', ['instance'], region)).rejects.toMatchObject({
        problem: { code: 'region_invalid' },
      });
      expect(await aws.calls()).toBe(0);
    },
  );
});
