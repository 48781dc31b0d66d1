import type { GuideBlock, GuideContext } from '../../manifests/types.ts';
import { clouds } from './regions.ts';

/** What an organisation that lets only its administrators consent must do before anybody can sign in. */
export function consentGuide({ values }: GuideContext): readonly GuideBlock[] {
  const { clientId = '', tenantId = '', adminConsentUrl = '' } = values;
  const link = new URL(adminConsentUrl.replaceAll('{tenantId}', encodeURIComponent(tenantId)));
  link.searchParams.set('client_id', clientId);
  return [
    {
      title: 'Sign in with an account that sees your subscriptions',
      text:
        'Mooring then acts in the name of that account, with the Azure roles that it has. The Reader role on the ' +
        'subscriptions is enough; a role that was given just now can take up to 30 minutes to work.',
    },
    {
      title: 'If Microsoft answers "Need admin approval"',
      text:
        'Your organisation lets only administrators allow an application. One of them opens the following link once. ' +
        'It may end on a page of ours that misses a code: the consent is given all the same. Then open this page again.',
    },
    { title: 'The link for your administrator', text: link.href, format: 'url' },
  ];
}

/** How to make a service principal, on the command line or in the portal. */
export function servicePrincipalGuide({ region, values }: GuideContext): readonly GuideBlock[] {
  const cloud = clouds.find(({ id }) => id === region);
  return [
    {
      title: 'With the Azure CLI',
      text: [
        ...(cloud && cloud.id !== 'global' ? [`az cloud set --name ${cloud.azName}`] : []),
        'az login',
        'az ad sp create-for-rbac --name mooring --role Reader \\',
        '  --scopes /subscriptions/YOUR-SUBSCRIPTION-ID',
      ].join('\n'),
      format: 'shell',
    },
    {
      title: 'What it prints',
      text:
        '"appId" is the application (client) ID, "tenant" the directory (tenant) ID, "password" the client secret. ' +
        'The secret is shown this once, and lasts a year.',
    },
    {
      title: 'Or in the Azure portal',
      text:
        'App registrations: register an application; copy its application (client) ID and directory (tenant) ID. ' +
        "Certificates & secrets: make a client secret and copy its value, not its ID. Your subscription's Access control " +
        '(IAM): add a role assignment, Reader or Contributor, for that application.',
    },
    { title: 'Open App registrations', text: values['appRegistrationsUrl'] ?? '', format: 'url' },
    {
      title: 'Then give the values at once',
      text: 'A role that was assigned just now can take up to 30 minutes to work: Mooring waits, and shows each try.',
    },
  ];
}
