import { managedPolicies, type Trust } from './trust-policy.ts';

/**
 * A CloudFormation template that makes the role. With the trust given, its parameters are filled in; without, it is
 * the template that an operator uploads once for quick-create links (`deploy/aws/mooring-role.yaml`).
 */
export const roleTemplate = (trust?: Pick<Trust, 'accountId' | 'externalId'>): string => `\
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
      Description: Assumed by Mooring
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
export function quickCreateLink(from: { consoleUrl: string; templateUrl: string } & Omit<Trust, 'partition'>): string {
  const { consoleUrl, templateUrl, accountId, externalId } = from;
  const query = new URLSearchParams({
    templateURL: templateUrl,
    stackName: 'Mooring',
    param_MooringAccountId: accountId,
    param_ExternalId: externalId,
  });
  return `${consoleUrl}/cloudformation/home#/stacks/create/review?${query.toString()}`;
}
