import {
  CreateVolumeCommand,
  DescribeVpcsCommand,
  DescribeSubnetsCommand,
  EC2Client,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import { CreateRepositoryCommand, ECRClient } from '@aws-sdk/client-ecr';
import { CreateClusterCommand as CreateEcsCluster, ECSClient } from '@aws-sdk/client-ecs';
import { CreateClusterCommand as CreateEksCluster, EKSClient } from '@aws-sdk/client-eks';
import { CreateLoadBalancerCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateDBInstanceCommand, RDSClient } from '@aws-sdk/client-rds';
import { CreateBucketCommand, PutBucketTaggingCommand, S3Client } from '@aws-sdk/client-s3';

export interface SeededRegion {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  /** Of the account; clusters and functions must name one that exists. */
  readonly roleArn: string;
}

/** A ZIP archive with nothing in it. */
const emptyZip = Buffer.from(`UEsFBg${'A'.repeat(24)}==`, 'base64');

/** One resource of each kind, with a password wherever such a resource may hold one. */
export async function seedRegion({ endpoint, region, accessKeyId, roleArn }: SeededRegion): Promise<void> {
  const config = { endpoint, region, maxAttempts: 1, credentials: { accessKeyId, secretAccessKey: 'test' } };
  const ec2 = new EC2Client(config);
  const tags = [
    { Key: 'team', Value: 'web' },
    { Key: 'db-password', Value: 'hunter2' },
  ];
  const UserData = Buffer.from('password=hunter2').toString('base64');
  await ec2.send(
    new RunInstancesCommand({
      ImageId: 'ami-0abcdef1234567890',
      InstanceType: 't3.micro',
      MinCount: 1,
      MaxCount: 1,
      UserData,
      TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: `web-${region}` }, ...tags] }],
    }),
  );
  await ec2.send(new CreateVolumeCommand({ AvailabilityZone: `${region}a`, Size: 10, VolumeType: 'gp3' }));
  const { Vpcs } = await ec2.send(new DescribeVpcsCommand({}));
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  const subnets = Subnets.filter(({ VpcId }) => VpcId === Vpcs?.[0]?.VpcId).flatMap(({ SubnetId }) => SubnetId ?? []);
  await new EKSClient(config).send(
    new CreateEksCluster({ name: `eks-${region}`, roleArn, resourcesVpcConfig: { subnetIds: subnets } }),
  );
  await new RDSClient(config).send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: `db-${region}`,
      DBInstanceClass: 'db.t4g.micro',
      Engine: 'postgres',
      AllocatedStorage: 20,
      MasterUsername: 'app',
      MasterUserPassword: 'hunter2-password',
      Tags: tags,
    }),
  );
  await new ElasticLoadBalancingV2Client(config).send(
    new CreateLoadBalancerCommand({ Name: `web-${region}`, Subnets: subnets, Tags: tags }),
  );
  await new LambdaClient(config).send(
    new CreateFunctionCommand({
      FunctionName: `job-${region}`,
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: roleArn,
      Code: { ZipFile: emptyZip },
      Environment: { Variables: { DATABASE_PASSWORD: 'hunter2' } },
      Tags: { team: 'web', 'db-password': 'hunter2' },
    }),
  );
  await new ECRClient(config).send(new CreateRepositoryCommand({ repositoryName: `image-${region}`, tags }));
  await new ECSClient(config).send(
    new CreateEcsCluster({ clusterName: `ecs-${region}`, tags: [{ key: 'team', value: 'web' }] }),
  );
  const s3 = new S3Client({ ...config, forcePathStyle: true });
  const Bucket = `bucket-${accessKeyId}-${region}`;
  const elsewhere =
    region === 'us-east-1' ? {} : { CreateBucketConfiguration: { LocationConstraint: region as 'eu-west-1' } };
  await s3.send(new CreateBucketCommand({ Bucket, ...elsewhere }));
  await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: tags } }));
}
