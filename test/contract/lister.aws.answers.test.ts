import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { ListFailure } from '../../providers/listing/lister.ts';
import { discovery } from '../../providers/aws/manifest/discovery.ts';
import { resourceError, throttledError } from '../../sandbox/client.ts';
import type { Reply } from '../../sandbox/core/cloud.ts';
import { placeOf, sandboxKinds, startAwsLists, type AwsLists } from './lister.aws.on-sandbox.ts';

const inRegions = discovery.kinds.filter(({ scope }) => scope === 'project').map(({ id }) => id);

describe('the lister of AWS, answer by answer', () => {
  let aws: AwsLists;
  beforeEach(async () => void (aws = await startAwsLists()));
  afterEach(async () => await aws.close());

  const seed = async (kind: string, count: number, region?: string) =>
    await aws.cloud.aws.resize(placeOf(kind, region), { [sandboxKinds[kind] ?? '']: count });
  const fault = async (
    endpoint: string,
    { status, headers, body }: Reply,
    times: number | null = null,
    path?: string,
  ) =>
    await aws.cloud.fault(
      { endpoint, ...(path !== undefined && { path }) },
      { kind: 'respond', status, body, ...(headers && { headers }) },
      times,
    );
  const failureOf = async (kind: string, region?: string): Promise<ListFailure> => {
    const listing = await aws.kind(kind, region);
    if (listing.outcome !== 'failed') throw new Error(`${kind} was listed.`);
    return listing.failure;
  };
  const rowsOf = async (kind: string, region?: string) => {
    const listing = await aws.kind(kind, region);
    if (listing.outcome !== 'listed') throw new Error(listing.failure.problem.message);
    expect(listing.losses).toEqual([]);
    return listing.rows;
  };
  const regions = async () => {
    const { kinds, notice } = await aws.lister.listProjects(aws.context());
    const [listing] = kinds;
    if (!listing) throw new Error('No regions.');
    return { listing, notice, names: listing.outcome === 'listed' ? listing.rows.map(({ id }) => id) : [] };
  };
  const requests = async (prefix: string) => {
    const { requests: all } = await aws.cloud.counters('aws');
    return Object.entries(all).reduce((sum, [name, count]) => sum + (name.startsWith(prefix) ? count : 0), 0);
  };

  describe('regions', () => {
    const denied = { endpoint: 'ec2.DescribeRegions' };

    test('the regions are those that the account has enabled', async () => {
      await aws.cloud.change({ aws: { enabledRegions: ['us-east-1', 'ap-south-2'] } });
      const { names, listing, notice } = await regions();
      expect(names).toEqual(['us-east-1', 'ap-south-2']);
      expect(listing).toMatchObject({ outcome: 'listed', losses: [] });
      expect(notice).toBeNull();
    });

    test('where EC2 may not list the regions, the account service does, with the same rows', async () => {
      const before = await regions();
      await aws.cloud.aws.denyActions(aws.roleArn, ['ec2:DescribeRegions']);
      expect(await regions()).toEqual(before);
      expect(await requests('account.')).toBe(1);
    });

    test('where neither may list them, the default regions are looked at, partially and with a notice', async () => {
      await aws.cloud.aws.denyActions(aws.roleArn, ['ec2:DescribeRegions', 'account:*']);
      const { names, listing, notice } = await regions();
      expect(names).toHaveLength(17);
      expect(notice).toMatchObject({ code: 'regions_assumed' });
      expect(listing).toMatchObject({ losses: [{ class: 'user', denied: { action: 'ec2:DescribeRegions' } }] });
    });

    test('where the regions cannot be listed for the moment, nothing is assumed', async () => {
      await aws.cloud.aws.denyActions(aws.roleArn, ['account:*']);
      await aws.cloud.fault(denied, { kind: 'respond', status: 503, body: '' }, null);
      expect((await regions()).listing).toMatchObject({ outcome: 'failed', failure: { class: 'transient' } });
    });
  });

  describe('a region that cannot be listed', () => {
    const listRegion = async (region: string) =>
      (
        await Promise.all(
          aws.lister.lists
            .filter(({ scope }) => scope === 'project')
            .map(async ({ id, kinds }) => await aws.list(id, kinds, region)),
        )
      ).flatMap(({ kinds }) => kinds);

    test.for([
      ['denied', 'region_denied_by_policy', 'user'],
      ['disabled', 'region_disabled', 'user'],
    ] as const)(
      'one that is %s has its own problem after a few calls, and the others are complete',
      async ([how, code, problemClass]) => {
        for (const kind of inRegions) await seed(kind, 2);
        await aws.cloud.change({ aws: { closedRegions: { 'eu-west-1': how } } });
        const closed = await listRegion('eu-west-1');
        expect(closed.map(({ kind }) => kind).toSorted()).toEqual(inRegions.toSorted());
        for (const listing of closed) {
          expect(listing).toMatchObject({ outcome: 'failed', failure: { class: problemClass, problem: { code } } });
        }
        expect(await aws.calls()).toBeLessThanOrEqual(4);
        for (const listing of await listRegion('us-east-1')) {
          expect(listing).toMatchObject({ outcome: 'listed', losses: [] });
        }
      },
    );

    test('one that does not answer is given up after two calls, and a new pass asks it again', async () => {
      await aws.close();
      aws = await startAwsLists({ listDeadlineMs: 3_000 });
      await aws.cloud.fault({ path: '/eu-west-1/' }, { kind: 'hold_before' }, null);
      const silent = await listRegion('eu-west-1');
      expect(silent.filter(({ outcome }) => outcome === 'listed')).toEqual([]);
      const codes = silent.map((each) => each.outcome === 'failed' && each.failure.problem.code);
      expect(codes.filter((code) => code === 'region_unreachable').length).toBeGreaterThanOrEqual(inRegions.length - 4);
      expect(await aws.calls()).toBeLessThanOrEqual(4);
      await aws.cloud.clearFaults();
      await regions();
      expect(await rowsOf('instance', 'eu-west-1')).toEqual([]);
    });

    test('what is known of a region ends by itself, for a worker that does not hear of a new pass', async () => {
      await aws.cloud.change({ aws: { closedRegions: { 'eu-west-1': 'disabled' } } });
      await failureOf('instance', 'eu-west-1');
      await aws.cloud.change({ aws: { closedRegions: {} } });
      expect(await failureOf('volume', 'eu-west-1')).toMatchObject({ problem: { code: 'region_disabled' } });
      aws.clock.advance(5 * 60);
      expect(await rowsOf('volume', 'eu-west-1')).toEqual([]);
    });

    test('one service that the organisation denies does not close the region for the others', async () => {
      const text =
        'User: x is not authorized to perform: eks:ListClusters on resource: * with an explicit deny in a service control policy';
      await fault('eks.*', resourceError('eks', 403, 'AccessDeniedException', text));
      const found = await listRegion('us-east-1');
      const failed = found.filter(({ outcome }) => outcome === 'failed');
      expect(failed).toMatchObject([{ kind: 'kubernetes', failure: { problem: { code: 'region_denied_by_policy' } } }]);
    });

    test('a token that is unknown in the region where sessions come from is never a disabled region', async () => {
      await fault('ec2.DescribeVpcs', resourceError('ec2', 401, 'AuthFailure', 'not able to validate'), 1);
      expect(await rowsOf('private_network')).toEqual([]);
      await fault('ec2.DescribeVpcs', resourceError('ec2', 401, 'AuthFailure', 'not able to validate'));
      await expect(aws.kind('private_network')).rejects.toMatchObject({
        class: 'transient',
        problem: { code: 'session_not_usable_yet' },
      });
    });
  });

  describe('sessions', () => {
    test('the lists of a pass share one session, and a new pass makes another', async () => {
      await Promise.all(inRegions.map(async (kind) => await aws.kind(kind)));
      expect(await requests('sts.')).toBe(1);
      await regions();
      expect(await requests('sts.')).toBe(2);
    });

    test('a session that has expired is replaced, and the list is made again', async () => {
      await seed('volume', 1);
      await rowsOf('volume');
      await aws.cloud.aws.endSessions();
      expect(await rowsOf('volume')).toHaveLength(1);
      expect(await requests('sts.')).toBe(2);
    });

    test('a session is not used in its last five minutes', async () => {
      await rowsOf('volume');
      aws.clock.advance(55 * 60);
      await rowsOf('volume');
      expect(await requests('sts.')).toBe(2);
    });

    test("the connection's own session policy holds for lists too", async () => {
      await seed('function', 1);
      const policy = {
        Version: '2012-10-17',
        Statement: { Effect: 'Allow', Action: ['lambda:*', 's3:*'], Resource: '*' },
      };
      const record = { session_policy: JSON.stringify(policy) };
      expect(await aws.kind('function', 'us-east-1', record)).toMatchObject({ outcome: 'listed' });
      expect(await aws.kind('volume', 'us-east-1', record)).toMatchObject({
        outcome: 'failed',
        failure: { problem: { code: 'list_denied' }, denied: { action: 'ec2:DescribeVolumes' } },
      });
    });
  });

  describe('throttling', () => {
    test.for([
      ['volume', 'ec2', 'ec2.DescribeVolumes'],
      ['database', 'rds', 'rds.DescribeDBInstances'],
      ['registry', 'ecr', 'ecr.DescribeRepositories'],
      ['function', 'lambda', 'lambda.ListFunctions'],
      ['object_storage', 's3', 's3.ListBuckets'],
    ] as const)('a throttled call for %s is made again after a pause', async ([kind, service, endpoint]) => {
      await seed(kind, 2);
      await fault(endpoint, throttledError(service), 2);
      expect(await rowsOf(kind)).toHaveLength(2);
      expect(aws.secondsWaited()).toBe(3);
    });

    test('a pause that is too long for a list is left to the next try of it', async () => {
      const { status, headers, body } = throttledError('ec2');
      await fault('ec2.DescribeVolumes', { status, headers: { ...headers, 'retry-after': '120' }, body });
      expect(await failureOf('volume')).toMatchObject({ class: 'transient', retryAfterSeconds: 120 });
      expect(aws.secondsWaited()).toBe(0);
    });
  });

  describe('parts of a kind', () => {
    test('a list that is denied half is partial: what may be listed is there, and the right is named', async () => {
      await seed('database', 2);
      await aws.cloud.aws.denyActions(aws.roleArn, ['rds:DescribeDBClusters']);
      const listing = await aws.kind('database');
      expect(listing).toMatchObject({ outcome: 'listed', losses: [{ denied: { action: 'rds:DescribeDBClusters' } }] });
      expect(listing.outcome === 'listed' && listing.rows).toHaveLength(2);
    });

    test('a cluster that is deleted while it is listed is left out, and nothing is lost', async () => {
      await seed('kubernetes', 2);
      await fault('eks.DescribeCluster', resourceError('eks', 404, 'ResourceNotFoundException', 'gone'), 1);
      expect(await rowsOf('kubernetes')).toHaveLength(1);
    });

    test('where no cluster may be described, the kind has failed with that right', async () => {
      await seed('kubernetes', 2);
      await aws.cloud.aws.denyActions(aws.roleArn, ['eks:DescribeCluster']);
      expect(await failureOf('kubernetes')).toMatchObject({ denied: { action: 'eks:DescribeCluster' } });
    });

    test('a container service that is inactive is gone', async () => {
      await seed('container_service', 2);
      const [arn = ''] = await aws.cloud.aws.arns(placeOf('container_service'), 'ecsClusters');
      await aws.cloud.aws.change(placeOf('container_service'), 'ecsClusters', arn, { status: 'INACTIVE' });
      expect(await rowsOf('container_service')).toHaveLength(1);
    });
  });

  describe('tags', () => {
    test('kinds whose lists have no tags get them from the tagging service, asked once for all of them', async () => {
      for (const kind of ['function', 'registry', 'load_balancer']) await seed(kind, 1);
      const { kinds, notice } = await aws.list('tagged', ['function', 'registry', 'load_balancer'], 'us-east-1');
      for (const listing of kinds) {
        expect(listing).toMatchObject({ outcome: 'listed', rows: [{ tags: { team: 'web' } }], losses: [] });
      }
      expect(notice).toBeNull();
      expect(await requests('tagging.')).toBe(1);
    });

    test('buckets have the tags of the region that they are in', async () => {
      await seed('object_storage', 2);
      const rows = await rowsOf('object_storage');
      expect(rows.map(({ region, project, tags }) => [region, project, tags['team']])).toEqual([
        ['us-east-1', null, 'web'],
        ['eu-west-1', null, 'data'],
      ]);
    });

    test('a missing right to tags costs the tags, is told once, and costs no row', async () => {
      await seed('function', 2);
      await aws.cloud.aws.denyActions(aws.roleArn, ['tag:GetResources']);
      const { kinds, notice } = await aws.list('tagged', ['function'], 'us-east-1');
      expect(kinds).toMatchObject([{ outcome: 'listed', rows: [{ tags: {} }, { tags: {} }], losses: [] }]);
      expect(notice).toMatchObject({ code: 'tags_denied' });
      expect(notice?.remedy).toContain('"tag:GetResources"');
    });

    test('tags that cannot be had for the moment hold the list back, so that no resource looks changed', async () => {
      await seed('function', 2);
      await fault('tagging.GetResources', resourceError('tagging', 500, 'InternalServiceException', 'oops'));
      expect(await failureOf('function')).toMatchObject({ class: 'transient' });
    });
  });
});
