import type { RegionManifest } from '../../manifests/types.ts';

/** The services that resources are listed of: first part of the endpoint, and AWS's own name for its variable. */
const services = {
  ec2: ['ec2', 'EC2'],
  eks: ['eks', 'EKS'],
  rds: ['rds', 'RDS'],
  s3: ['s3', 'S3'],
  loadBalancing: ['elasticloadbalancing', 'ELASTIC_LOAD_BALANCING'],
  lambda: ['lambda', 'LAMBDA'],
  ecr: ['api.ecr', 'ECR'],
  ecs: ['ecs', 'ECS'],
  tagging: ['tagging', 'RESOURCE_GROUPS_TAGGING_API'],
  account: ['account', 'ACCOUNT'],
} as const;

export type ServiceRole = keyof typeof services;

/** `suffix` is that of the partition: `amazonaws.com`. `{region}` stands for the region that is listed. */
export const serviceUrls = (prefix: string, suffix: string): RegionManifest['urls'] =>
  Object.fromEntries(
    Object.entries(services).map(([role, [host, variable]]) => [
      role,
      { url: `https://${host}.{region}.${suffix}`, variable: `${prefix}_ENDPOINT_URL_${variable}` },
    ]),
  );
