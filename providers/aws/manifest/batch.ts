import type { BatchManifest } from '../../manifests/batch.ts';
import type { GuideBlock, GuideContext } from '../../manifests/types.ts';
import { roleTemplate } from './guide.ts';

/** The role's name in every account, so that account ids are enough to find it. */
const ROLE_NAME = 'Mooring';

/** Roles of an organization's accounts. All of them demand the external ID of the batch. */
export const roleBatch: BatchManifest = {
  label: 'role_arn',
  claimed: 'role_arn',
  short: {
    each: { name: 'accountIds', label: 'AWS account ids, 12 digits each', pattern: String.raw`\d{12}` },
    once: [{ name: 'roleName', label: 'the name of the role', pattern: String.raw`[\w+=,.@\/\-]{1,128}` }],
    makes: { role_arn: 'arn:{region}:iam::{accountIds}:role/{roleName}' },
  },
  guide: stackSetGuide,
};

/** How to make one role in every account of an organization. */
function stackSetGuide({ setup }: GuideContext): readonly GuideBlock[] {
  const { accountId = '', externalId = '' } = setup;
  return [
    {
      title: 'Make the role in every account with a StackSet',
      text:
        `The role lets AWS account ${accountId} in, and only with the external ID ${externalId}, which was made for ` +
        'this batch alone. Run the commands in the management account of the organization, or in an account that is a ' +
        'delegated administrator for CloudFormation. Accounts that join the organization later get the role too.',
    },
    { title: 'The template', text: roleTemplate({ accountId, externalId }, ROLE_NAME), format: 'yaml' },
    { title: 'The commands', text: commandLines, format: 'shell' },
    {
      title: 'Then give the accounts',
      text:
        `Send the ids of the accounts, and ${ROLE_NAME} as the name of the role. A StackSet makes no role in the ` +
        'management account itself: make that one with the same template as an ordinary stack. Roles that come later ' +
        'are waited for.',
    },
  ];
}

/** IAM is global: one region is enough. Service-managed StackSets need no role in the accounts beforehand. */
const commandLines = `\
# Once for the organization, if StackSets were not used in it before:
aws organizations enable-aws-service-access --service-principal member.org.stacksets.cloudformation.amazonaws.com

# Save the template as mooring-role.yaml.
aws cloudformation create-stack-set --stack-set-name ${ROLE_NAME} --template-body file://mooring-role.yaml \\
  --capabilities CAPABILITY_NAMED_IAM --permission-model SERVICE_MANAGED \\
  --auto-deployment Enabled=true,RetainStacksOnAccountRemoval=false
ROOT=$(aws organizations list-roots --query 'Roots[0].Id' --output text)
aws cloudformation create-stack-instances --stack-set-name ${ROLE_NAME} --regions "$(aws configure get region)" \\
  --deployment-targets OrganizationalUnitIds="$ROOT" \\
  --operation-preferences MaxConcurrentPercentage=100,FailureTolerancePercentage=100

# The ids of the accounts:
aws organizations list-accounts --query "Accounts[?Status=='ACTIVE'].Id" --output json
`;
