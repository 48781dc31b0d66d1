import type { GuideBlock, GuideContext } from '../../manifests/types.ts';

export function apiKeysGuide(context: GuideContext): readonly GuideBlock[] {
  return [
    {
      title: 'Make API keys',
      text: 'Open the page below, sign in, name the application, choose "Unlimited" as validity, and create the keys. The rights that are filled in let Mooring read everything, and give the consumer key back when you disconnect.',
    },
    {
      title: 'Create the keys at OVHcloud',
      text: keyPage(context, [
        ['GET', '/*'],
        ['POST', '/auth/logout'],
      ]),
      format: 'url',
    },
    {
      title: 'Then give the keys',
      text: 'Copy all three. If you have an application already, its key and secret are enough: leave the consumer key empty, and approve the one that Mooring asks for by the link that it shows.',
    },
  ];
}

export function serviceAccountGuide(context: GuideContext): readonly GuideBlock[] {
  return [
    {
      title: 'Either: a service account of your own',
      text: 'POST /me/api/oauth2/client with flow CLIENT_CREDENTIALS makes one, and an IAM policy grants it what it may do. Give its client ID and client secret.',
    },
    {
      title: 'Or: let Mooring make one for chosen projects',
      text: 'Open the page below, sign in, choose a short validity, and create keys: the rights that are filled in are what making a service account takes. Give the three keys and the ids of the projects.',
    },
    {
      title: 'Create the keys at OVHcloud',
      text: keyPage(context, [
        ['GET', '/me'],
        ['GET', '/me/api/oauth2/client*'],
        ['POST', '/me/api/oauth2/client'],
        ['DELETE', '/me/api/oauth2/client/*'],
        ['GET', '/v2/iam/policy*'],
        ['POST', '/v2/iam/policy'],
        ['DELETE', '/v2/iam/policy/*'],
      ]),
      format: 'url',
    },
  ];
}

/** OVHcloud's page for making all three keys at once, with these rights filled in. */
function keyPage({ values }: GuideContext, rights: readonly (readonly [method: string, path: string])[]): string {
  const query = rights.map(([method, path]) => `${method}=${path}`).join('&');
  return `${values['createTokenUrl'] ?? ''}?${query}`;
}
