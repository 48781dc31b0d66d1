import type { GuideBlock, GuideContext } from '../../manifests/types.ts';
import { listPolicy } from './discovery.ts';

/** How to make the role, four ways; what is to be copied holds this connection's own account and external ID. */
export function roleGuide({ region, setup }: GuideContext): readonly GuideBlock[] {
  const { accountId = '', externalId = '', consoleUrl = '', roleTemplateUrl: templateUrl = '' } = setup;
  const trust: Trust = { partition: region, accountId, externalId };
  return [
    {
      title: 'Make a role for Mooring in your account',
      text:
        `Choose one of the ways below. The role lets AWS account ${accountId} in, and only with the external ID ` +
        `${externalId}, which was made for this connection alone. It gives ${managedPolicies.join(' or ')}: ` +
        'the first reads, the second also changes everything but users and permissions.',
    },
    ...(templateUrl === ''
      ? []
      : [
          {
            title: 'In the AWS console, with one click',
            text: quickCreateLink({ consoleUrl, templateUrl, accountId, externalId }),
            format: 'url',
          } as const,
        ]),
    { title: 'With CloudFormation', text: roleTemplate(trust), format: 'yaml' },
    { title: 'With Terraform', text: terraform(trust), format: 'hcl' },
    { title: 'With the AWS CLI', text: commandLines(trust), format: 'shell' },
    { title: 'By hand: the trust policy', text: trustPolicy(trust), format: 'json' },
    {
      title: 'What Mooring lists',
      text:
        `Either of ${managedPolicies.join(' and ')} lets Mooring list regions, instances, volumes, databases, clusters, ` +
        'buckets, load balancers, functions, registries and networks, with their tags. It does so in sessions that may do ' +
        'nothing else. A role of your own needs no more than the policy below for it.',
    },
    { title: 'For a role of your own: the policy for listing alone', text: listPolicy(2), format: 'json' },
    {
      title: 'Then give its ARN',
      text: 'A new role takes from seconds to over 5 minutes to work everywhere. Give its ARN at once: Mooring waits.',
    },
  ];
}

/** Who may assume the role, and with which external ID. */
export interface Trust {
  readonly partition: string;
  /** Mooring's own account, 12 digits. */
  readonly accountId: string;
  readonly externalId: string;
}

/** The AWS managed policies to choose from; the first is the default. */
const managedPolicies = ['ReadOnlyAccess', 'PowerUserAccess'] as const;

const principalOf = ({ partition, accountId }: Omit<Trust, 'externalId'>): string =>
  `arn:${partition}:iam::${accountId}:root`;

/** The one trust policy that is safe: `StringEquals`, so that a missing or another external ID is denied. */
export const trustPolicy = (trust: Trust): string =>
  JSON.stringify(
    {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { AWS: principalOf(trust) },
          Action: 'sts:AssumeRole',
          Condition: { StringEquals: { 'sts:ExternalId': trust.externalId } },
        },
      ],
    },
    null,
    2,
  );

/**
 * A CloudFormation template that makes the role. With the trust given, its parameters are filled in; without, it is
 * the template that an operator uploads once for quick-create links (`deploy/aws/mooring-role.yaml`). With a name, the role
 * is called so in every account; without, CloudFormation makes one up.
 */
export const roleTemplate = (trust?: Pick<Trust, 'accountId' | 'externalId'>, roleName?: string): string => `\
AWSTemplateFormatVersion: '2010-09-09'
Description: A role that Mooring alone may assume, with the external ID of one connection.
Parameters:
  MooringAccountId:
    Type: String
    AllowedPattern: '[0-9]{12}'
${filledIn(trust?.accountId)}    Description: The AWS account that Mooring runs with.
  ExternalId:
    Type: String
    MinLength: 2
    MaxLength: 1224
${filledIn(trust?.externalId)}    Description: The external ID that Mooring made for this connection.
  Access:
    Type: String
    Default: ${managedPolicies[0]}
    AllowedValues: [${managedPolicies.join(', ')}]
    Description: What Mooring may do in this account.
Resources:
  MooringRole:
    Type: AWS::IAM::Role
    Properties:
${roleName === undefined ? '' : `      RoleName: ${roleName}\n`}      Description: Assumed by Mooring
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal:
              AWS: !Sub arn:\${AWS::Partition}:iam::\${MooringAccountId}:root
            Action: sts:AssumeRole
            Condition:
              StringEquals:
                sts:ExternalId: !Ref ExternalId
      ManagedPolicyArns:
        - !Sub arn:\${AWS::Partition}:iam::aws:policy/\${Access}
Outputs:
  RoleArn:
    Description: Give this to Mooring.
    Value: !GetAtt MooringRole.Arn
`;

const filledIn = (value: string | undefined): string => (value === undefined ? '' : `    Default: '${value}'\n`);

/** Opens the console with the template and its parameters filled in; AWS takes templates from S3 addresses only. */
function quickCreateLink(from: { consoleUrl: string; templateUrl: string } & Omit<Trust, 'partition'>): string {
  const { consoleUrl, templateUrl, accountId, externalId } = from;
  const query = new URLSearchParams({
    templateURL: templateUrl,
    stackName: 'Mooring',
    param_MooringAccountId: accountId,
    param_ExternalId: externalId,
  });
  return `${consoleUrl}/cloudformation/home#/stacks/create/review?${query.toString()}`;
}

/** The role as the AWS CLI makes it; the last command prints what Mooring asks for. */
const commandLines = (trust: Trust): string => `\
ROLE=mooring
ACCESS=${managedPolicies[0]}   # or ${managedPolicies[1]}
aws iam create-role --role-name "$ROLE" --assume-role-policy-document '${trustPolicy(trust)}'
aws iam attach-role-policy --role-name "$ROLE" --policy-arn "arn:${trust.partition}:iam::aws:policy/$ACCESS"
aws iam get-role --role-name "$ROLE" --query Role.Arn --output text
`;

/** The role as Terraform (or OpenTofu) makes it. */
const terraform = (trust: Trust): string => `\
variable "mooring_access" {
  type    = string
  default = "${managedPolicies[0]}" # or "${managedPolicies[1]}"
}

resource "aws_iam_role" "mooring" {
  name_prefix = "mooring-"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "${principalOf(trust)}" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "sts:ExternalId" = "${trust.externalId}" } }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "mooring" {
  role       = aws_iam_role.mooring.name
  policy_arn = "arn:${trust.partition}:iam::aws:policy/\${var.mooring_access}"
}

output "mooring_role_arn" {
  value = aws_iam_role.mooring.arn
}
`;
