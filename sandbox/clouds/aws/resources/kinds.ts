import { createHash } from 'node:crypto';

/** What every generated resource is made of: the same for the same account, region, kind and number, always. */
export interface Seed {
  readonly partition: string;
  readonly account: string;
  readonly region: string;
  /** From 0. */
  readonly index: number;
  hex(digits: number): string;
  /** A moment of 2025, ISO 8601. */
  readonly made: string;
}

export interface Kind {
  readonly arn: (seed: Seed) => string;
  /** How the tagging service calls it; left out: it does not know it. */
  readonly tagged?: string;
  /** Of one page. */
  readonly page: number;
}

const arn = (service: string, rest: (seed: Seed) => string) => (seed: Seed) =>
  `arn:${seed.partition}:${service}:${seed.region}:${seed.account}:${rest(seed)}`;
const number = ({ index }: Seed): string => String(index + 1);

export const kinds = {
  instances: { arn: arn('ec2', (seed) => `instance/i-${seed.hex(17)}`), page: 1_000 },
  volumes: { arn: arn('ec2', (seed) => `volume/vol-${seed.hex(17)}`), page: 500 },
  vpcs: { arn: arn('ec2', (seed) => `vpc/vpc-${seed.hex(17)}`), page: 1_000 },
  eksClusters: { arn: arn('eks', (seed) => `cluster/eks-${number(seed)}`), page: 100 },
  dbInstances: { arn: arn('rds', (seed) => `db:db-${number(seed)}`), page: 100 },
  dbClusters: { arn: arn('rds', (seed) => `cluster:aurora-${number(seed)}`), page: 100 },
  loadBalancers: {
    arn: arn('elasticloadbalancing', (seed) => `loadbalancer/app/web-${number(seed)}/${seed.hex(16)}`),
    tagged: 'elasticloadbalancing:loadbalancer',
    page: 400,
  },
  classicLoadBalancers: {
    arn: arn('elasticloadbalancing', (seed) => `loadbalancer/classic-${number(seed)}`),
    tagged: 'elasticloadbalancing:loadbalancer',
    page: 400,
  },
  functions: { arn: arn('lambda', (seed) => `function:job-${number(seed)}`), tagged: 'lambda:function', page: 50 },
  repositories: {
    arn: arn('ecr', (seed) => `repository/image-${number(seed)}`),
    tagged: 'ecr:repository',
    page: 1_000,
  },
  ecsClusters: { arn: arn('ecs', (seed) => `cluster/ecs-${number(seed)}`), page: 100 },
  buckets: { arn: (seed) => `arn:${seed.partition}:s3:::${bucketName(seed)}`, tagged: 's3', page: 1_000 },
} as const satisfies Record<string, Kind>;

export type KindName = keyof typeof kinds;
export const kindNames = Object.keys(kinds) as KindName[];

/** Buckets belong to no region in lists: they stand under this name. */
export const GLOBAL = 'global';

export const bucketName = ({ account, index }: Seed): string => `bucket-${account.slice(-4)}-${index + 1}`;

/** The last part of an ARN. */
export const nameOf = (resource: string): string =>
  resource.slice(Math.max(resource.lastIndexOf('/'), resource.lastIndexOf(':')) + 1);

export function createSeed(
  partition: string,
  place: { account: string; region: string },
  kind: KindName,
  index: number,
): Seed {
  const digest = createHash('sha256').update(`${place.account}/${place.region}/${kind}/${index}`).digest('hex');
  const made = new Date(Date.UTC(2025, 0, 1) + (parseInt(digest.slice(0, 8), 16) % 31_000_000) * 1000);
  return { partition, ...place, index, hex: (digits) => digest.slice(-digits), made: made.toISOString() };
}

export const tagsOf = ({ index }: Seed): Readonly<Record<string, string>> => ({
  team: ['web', 'data', 'platform'][index % 3] ?? '',
  'db-password': 'hunter2',
});
