/** The partitions of the simulated AWS, each below a path of its own. Nothing of one is known in another. */
export interface AwsPartition {
  readonly id: string;
  readonly region: string;
  readonly variablePrefix: string;
  readonly operator: AwsAccount;
  readonly customers: readonly [AwsAccount, ...AwsAccount[]];
}

/** An account and the access key that acts for it. */
export interface AwsAccount {
  readonly id: string;
  readonly name: string;
  readonly arn: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export const awsPartitions: readonly AwsPartition[] = [
  partition('aws', 'us-east-1', 'AWS', '1'),
  partition('aws-cn', 'cn-north-1', 'AWS_CN', '2'),
  partition('aws-us-gov', 'us-gov-west-1', 'AWS_US_GOV', '3'),
];

function partition(id: string, region: string, variablePrefix: string, digit: string): AwsPartition {
  const account = (number: string, name: string, user: string): AwsAccount => ({
    id: `${number}${digit}`,
    name,
    arn: `arn:${id}:iam::${number}${digit}:${user}`,
    accessKeyId: `AKIASANDBOX${digit}${number.slice(0, 8)}`,
    secretAccessKey: `sandbox-${id}-${number.slice(0, 4)}-secret-access-key`,
  });
  return {
    id,
    region,
    variablePrefix,
    operator: account('11112222333', 'Mooring', 'user/mooring'),
    customers: [
      account('22223333444', 'Acorn Analytics', 'user/admin'),
      account('55556666777', 'Birch & Sons', 'user/admin'),
    ],
  };
}

/** The services that have resources: their path below the partition's, and AWS's name in the variable. */
const services = [
  ['ec2', 'EC2'],
  ['eks', 'EKS'],
  ['rds', 'RDS'],
  ['s3', 'S3'],
  ['elasticloadbalancing', 'ELASTIC_LOAD_BALANCING'],
  ['lambda', 'LAMBDA'],
  ['ecr', 'ECR'],
  ['ecs', 'ECS'],
  ['tagging', 'RESOURCE_GROUPS_TAGGING_API'],
  ['account', 'ACCOUNT'],
] as const;
export type ResourceService = (typeof services)[number][0];

/** What the operator of a real installation would set, for all partitions. */
export function awsEnvironment(origin: string): Record<string, string> {
  return Object.fromEntries(
    awsPartitions.flatMap(({ id, region, variablePrefix, operator }) => [
      [`${variablePrefix}_ENDPOINT_URL_STS`, `${origin}/aws/${id}`],
      ...services.map(([service, name]) => [
        `${variablePrefix}_ENDPOINT_URL_${name}`,
        `${origin}/aws/${id}/${service}/{region}`,
      ]),
      [`${variablePrefix}_CONSOLE_URL`, `${origin}/aws/${id}`],
      [`${variablePrefix}_ROLE_TEMPLATE_URL`, `${origin}/aws/mooring-role.yaml`],
      [`${variablePrefix}_DEFAULT_REGION`, region],
      [`${variablePrefix}_ACCESS_KEY_ID`, operator.accessKeyId],
      [`${variablePrefix}_SECRET_ACCESS_KEY`, operator.secretAccessKey],
    ]),
  );
}
