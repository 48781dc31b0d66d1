import type { GuideBlock, GuideContext } from '../../manifests/types.ts';
import { quickCreateLink, roleTemplate } from './cloud-formation.ts';
import { commandLines } from './command-lines.ts';
import { terraform } from './terraform.ts';
import { managedPolicies, trustPolicy, type Trust } from './trust-policy.ts';

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
      title: 'Then give its ARN',
      text: 'A new role takes from seconds to over 5 minutes to work everywhere. Give its ARN at once: Mooring waits.',
    },
  ];
}
