import type { SandboxRequest } from '../../../core/cloud.ts';
import { render } from '../replies.ts';
import { laidOver, numberIn, pageOf, type Operation } from './call.ts';
import { resourceError } from './errors.ts';
import { bucketRegion, json, jsonIn, secondsOf } from './json.ts';
import { bucketName, GLOBAL, nameOf, tagsOf } from './kinds.ts';
import { enabledRegions } from './query.ts';

interface Named {
  readonly name: string;
  readonly operation: Operation | undefined;
}

/** Lambda, EKS, S3 and the account service: the operation is in the path. `path` is below the region's. */
export function restOperation(
  service: 'lambda' | 'eks' | 's3' | 'account',
  path: string,
  { method, query, body }: SandboxRequest,
): Named {
  const asked = `${method} ${path.replace(/\/$/, '') || '/'}`;
  const [, cluster] = /^GET \/clusters\/([^/]+)$/.exec(asked) ?? [];
  if (service === 'lambda' && asked === 'GET /2015-03-31/functions')
    return { name: 'ListFunctions', operation: functions(query) };
  if (service === 'eks' && asked === 'GET /clusters') return { name: 'ListClusters', operation: clusters(query) };
  if (service === 'eks' && cluster) return { name: 'DescribeCluster', operation: describeCluster(cluster) };
  if (service === 's3' && asked === 'GET /') return { name: 'ListBuckets', operation: buckets(query) };
  if (service === 'account' && asked === 'POST /listRegions') return { name: 'ListRegions', operation: regions(body) };
  return { name: 'unknown', operation: undefined };
}

const functions = (query: URLSearchParams): Operation => ({
  right: 'lambda:ListFunctions',
  answer(call) {
    const { rows, next } = pageOf(call, 'functions', query.get('Marker'), numberIn(query.get('MaxItems')));
    return json({
      Functions: rows.map((resource) =>
        laidOver(
          {
            FunctionArn: resource.arn,
            FunctionName: nameOf(resource.arn),
            Runtime: 'nodejs22.x',
            Role: `arn:aws:iam::${call.caller.accountId}:role/job`,
            MemorySize: 256,
            Timeout: 30,
            PackageType: 'Zip',
            Architectures: ['arm64'],
            LastModified: '2026-11-01T10:00:00.000+0000',
            // AWS sends them in clear.
            Environment: { Variables: { DATABASE_URL: 'postgres://app:hunter2@db/app', API_KEY: 'hunter2' } },
          },
          resource,
        ),
      ),
      ...(next && { NextMarker: next }),
    });
  },
});

const clusters = (query: URLSearchParams): Operation => ({
  right: 'eks:ListClusters',
  answer(call) {
    const { rows, next } = pageOf(call, 'eksClusters', query.get('nextToken'), numberIn(query.get('maxResults')));
    return json({ clusters: rows.map(({ arn }) => nameOf(arn)), ...(next && { nextToken: next }) });
  },
});

const describeCluster = (name: string): Operation => ({
  right: 'eks:DescribeCluster',
  answer({ resources, caller, region }) {
    const rows = resources.all({ account: caller.accountId, region }, 'eksClusters');
    const resource = rows.find(({ arn }) => nameOf(arn) === name);
    if (!resource) return resourceError('eks', 404, 'ResourceNotFoundException', `No cluster found for name: ${name}.`);
    const { arn, seed } = resource;
    return json({
      cluster: laidOver(
        {
          arn,
          name,
          status: 'ACTIVE',
          version: '1.34',
          createdAt: secondsOf(seed.made),
          endpoint: `https://${seed.hex(32).toUpperCase()}.gr7.${region}.eks.amazonaws.com`,
          resourcesVpcConfig: { vpcId: `vpc-${seed.hex(17)}` },
          certificateAuthority: { data: Buffer.from('hunter2').toString('base64') },
          tags: tagsOf(seed),
        },
        resource,
      ),
    });
  },
});

const buckets = (query: URLSearchParams): Operation => ({
  right: 's3:ListAllMyBuckets',
  answer(call) {
    const asked = numberIn(query.get('max-buckets'));
    const { rows, next } = pageOf({ ...call, region: GLOBAL }, 'buckets', query.get('continuation-token'), asked);
    const content = {
      Owner: { ID: 'sandbox' },
      Buckets: {
        Bucket: rows.map((resource) =>
          laidOver(
            {
              Name: bucketName(resource.seed),
              CreationDate: resource.seed.made,
              // Only where a parameter was sent.
              ...(asked !== undefined && { BucketRegion: bucketRegion(call, resource) }),
            },
            resource,
          ),
        ),
      },
      ...(next && { ContinuationToken: next }),
    };
    const root = { ListAllMyBucketsResult: content };
    return { status: 200, headers: { 'content-type': 'application/xml' }, body: render(root) };
  },
});

const regions = (body: string): Operation => ({
  right: 'account:ListRegions',
  answer({ settings, partition }) {
    const { RegionOptStatusContains: wanted } = jsonIn(body);
    const isWanted = !Array.isArray(wanted) || wanted.includes('ENABLED_BY_DEFAULT');
    const enabled = isWanted ? enabledRegions(settings, partition.id) : [];
    return json({ Regions: enabled.map((RegionName) => ({ RegionName, RegionOptStatus: 'ENABLED_BY_DEFAULT' })) });
  },
});
