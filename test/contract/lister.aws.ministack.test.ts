import { beforeAll, describe, expect, inject, test } from 'vitest';

import { discovery, listActions } from '../../providers/aws/manifest/discovery.ts';
import { manifest } from '../../providers/aws/manifest.ts';
import type { KindListing, ListContext, ResourceLister } from '../../providers/listing/lister.ts';
import { resolveSettings } from '../../providers/manifests/settings.ts';
import { withPlainAnswers } from '../../providers/plain-answers.ts';
import type { JsonObject } from '../../platform/json.ts';
import { Secret } from '../../platform/secret.ts';
import { callIam } from '../support/aws-iam.ts';
import { seedRegion } from './lister.aws.ministack.seed.ts';
import { awsProvider, trusting } from './provider.aws.harness.ts';

const { ministack } = inject('components');

/** An access key id of 12 digits is the root of that account. */
const ourAccount = '310000000011';
const customer = '310000000012';
const externalId = 'ext-ministack';
const regions = ['us-east-1', 'eu-west-1'];
const services = [
  'EC2',
  'EKS',
  'RDS',
  'S3',
  'ELASTIC_LOAD_BALANCING',
  'LAMBDA',
  'ECR',
  'ECS',
  'RESOURCE_GROUPS_TAGGING_API',
  'ACCOUNT',
];

describe.skipIf(ministack === null)('resources, with ministack as AWS', () => {
  const url = ministack?.url ?? '';
  const environment = {
    AWS_ENDPOINT_URL_STS: url,
    ...Object.fromEntries(services.map((service) => [`AWS_ENDPOINT_URL_${service}`, url])),
    AWS_ACCESS_KEY_ID: ourAccount,
    AWS_SECRET_ACCESS_KEY: 'the-operators-secret',
  };
  const provider = withPlainAnswers(awsProvider(environment));
  const region = resolveSettings(manifest, environment).regions.get('aws');
  const keys = { accessKeyId: customer, secretAccessKey: 'test' };
  const iam = async (parameters: Record<string, string>) => {
    const { status, text } = await callIam(url, keys, parameters);
    if (status !== 200) throw new Error(`IAM answered ${status}: ${text}`);
  };
  async function makeRole(RoleName: string): Promise<string> {
    const trust = trusting(ourAccount, { StringEquals: { 'sts:ExternalId': externalId } });
    await iam({ Action: 'CreateRole', RoleName, AssumeRolePolicyDocument: JSON.stringify(trust) });
    return `arn:aws:iam::${customer}:role/${RoleName}`;
  }
  const inline = async (RoleName: string, ...statements: readonly object[]) =>
    await iam({
      Action: 'PutRolePolicy',
      RoleName,
      PolicyName: 'lists',
      PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
    });

  const contextOf = (roleArn: string, record: JsonObject = {}): ListContext => {
    if (!region) throw new Error('There is no partition aws.');
    const fields = { role_arn: roleArn, external_id: externalId, ...record };
    return {
      connectionId: `con_${roleArn}`,
      region,
      record: new Secret<JsonObject>(fields),
      signal: new AbortController().signal,
    };
  };
  const listerOf = (): ResourceLister => provider.discovery?.lister ?? expect.fail('AWS lists nothing.');

  /** Every kind of one region and of the account. */
  async function listed(
    roleArn: string,
    place = 'us-east-1',
    record: JsonObject = {},
  ): Promise<ReadonlyMap<string, KindListing>> {
    const lister = listerOf();
    const listings = await Promise.all(
      lister.lists.map(
        async ({ id, kinds, scope }) =>
          await lister.list(contextOf(roleArn, record), {
            list: id,
            kinds,
            projectId: scope === 'project' ? place : null,
          }),
      ),
    );
    return new Map(listings.flatMap(({ kinds }) => kinds).map((each) => [each.kind, each]));
  }
  const rowsOf = (all: ReadonlyMap<string, KindListing>, kind: string) => {
    const listing = all.get(kind);
    return listing?.outcome === 'listed' ? listing.rows : expect.fail(`${kind}: ${JSON.stringify(listing)}`);
  };

  /** What is missing of all kinds but one. Ministack answers for old load balancers with new ones: that loss is its own. */
  const missing = (all: ReadonlyMap<string, KindListing>, but = '') =>
    [...all.values()].flatMap((listing) => {
      if (listing.kind === but) return [];
      const causes = listing.outcome === 'failed' ? [{ path: listing.kind, ...listing.failure }] : listing.losses;
      return causes.filter(({ path }) => !path.endsWith('DescribeLoadBalancers classic'));
    });

  let reader: string;
  beforeAll(async () => {
    reader = await makeRole('reader');
    await iam({ Action: 'AttachRolePolicy', RoleName: 'reader', PolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' });
    for (const each of regions)
      await seedRegion({ endpoint: url, region: each, accessKeyId: customer, roleArn: reader });
  }, 60_000);

  test('a role with ReadOnlyAccess lists the regions', async () => {
    const { kinds, notice } = await listerOf().listProjects(contextOf(reader));
    const [listing] = kinds;
    expect(notice).toBeNull();
    expect(listing?.outcome === 'listed' && listing.rows.map(({ id }) => id)).toEqual(expect.arrayContaining(regions));
  });

  test.for(regions)('a role with ReadOnlyAccess lists all ten kinds in %s, each with its tags', async (place) => {
    const all = await listed(reader, place);
    for (const { id: kind } of discovery.kinds.filter(({ id }) => id !== 'region')) {
      const rows = rowsOf(all, kind);
      const mine = kind === 'object_storage' ? rows.filter(({ name }) => name.endsWith(place)) : rows;
      expect([kind, mine.length]).toEqual([kind, Math.max(mine.length, 1)]);
      for (const row of mine) {
        expect(row.id).toMatch(
          kind === 'object_storage' ? /^arn:aws:s3:::/ : new RegExp(`^arn:aws:\\w+:${place}:${customer}:`),
        );
      }
    }
    // The tagging service of ministack knows neither load balancers nor RDS.
    for (const kind of ['instance', 'database', 'function', 'registry', 'container_service']) {
      expect([kind, rowsOf(all, kind)[0]?.tags['team']]).toEqual([kind, 'web']);
    }
  });

  test('nothing secret of what was seeded is in a row', async () => {
    const text = JSON.stringify([...(await listed(reader))]);
    expect(text).toContain('web-us-east-1');
    expect(text).not.toContain('hunter2');
  });

  test.for([
    { kind: 'registry', action: 'ecr:DescribeRepositories' },
    { kind: 'instance', action: 'ec2:DescribeInstances' },
    { kind: 'database', action: 'rds:DescribeDBInstances' },
    { kind: 'object_storage', action: 's3:ListAllMyBuckets' },
    { kind: 'function', action: 'lambda:ListFunctions' },
  ])('a role without $action lists the rest, and names it', async ({ kind, action }) => {
    const name = `without-${kind}`;
    const roleArn = await makeRole(name);
    await inline(name, { Effect: 'Allow', Action: listActions.filter((each) => each !== action), Resource: '*' });
    const all = await listed(roleArn);
    const listing = all.get(kind);
    const causes = listing?.outcome === 'failed' ? [listing.failure] : (listing?.losses ?? []);
    expect(causes).toMatchObject([{ class: 'user', problem: { code: 'list_denied' }, denied: { action } }]);
    expect(causes[0]?.problem.remedy).toContain(`"${action}"`);
    expect(missing(all, kind)).toEqual([]);
  });

  test('a role with the list policy of the guide and nothing else lists everything', async () => {
    const roleArn = await makeRole('lists-only');
    await inline('lists-only', { Effect: 'Allow', Action: listActions, Resource: '*' });
    expect(missing(await listed(roleArn))).toEqual([]);
  });

  test("the connection's own session policy holds for lists too", async () => {
    const policy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'ec2:*', Resource: '*' }] };
    const all = await listed(reader, 'us-east-1', { session_policy: JSON.stringify(policy) });
    expect(rowsOf(all, 'instance').length).toBeGreaterThan(0);
    expect(all.get('registry')).toMatchObject({ outcome: 'failed', failure: { class: 'user' } });
  });

  test('a role that is denied one region by name lists the other one', async () => {
    const roleArn = await makeRole('one-region');
    await inline(
      'one-region',
      { Effect: 'Allow', Action: listActions, Resource: '*' },
      {
        Effect: 'Deny',
        Action: '*',
        Resource: '*',
        Condition: { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } },
      },
    );
    expect(rowsOf(await listed(roleArn), 'instance').length).toBeGreaterThan(0);
    const closed = await listed(roleArn, 'eu-west-1');
    expect(closed.get('instance')).toMatchObject({ outcome: 'failed', failure: { class: 'user', denied: {} } });
  });
});
