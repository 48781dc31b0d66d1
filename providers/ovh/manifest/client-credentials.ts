import type { FormMethodManifest, GuideBlock, GuideContext } from '../../manifests/types.ts';
import { applicationKey, applicationSecret, consumerKey, keyPage } from './api-keys.ts';

export const clientCredentials: FormMethodManifest = {
  id: 'client_credentials',
  flow: 'form',
  name: 'Service account',
  asks: 'A service account in your OVHcloud account, with what its IAM policies grant it, until you delete it.',
  requires: [],
  leased: ['access_token'],
  rotatesRefreshTokens: false,
  discovers: true,
  minted: [],
  guide,
  fields: [],
  variants: [
    {
      id: 'existing',
      label: 'A service account that I have',
      asks: 'Its client ID and secret, kept encrypted for as long as the connection lives.',
      fields: [
        {
          name: 'client_id',
          label: 'Client ID',
          hint: 'As POST /me/api/oauth2/client with flow CLIENT_CREDENTIALS answered it.',
          secret: false,
          required: true,
          pattern: String.raw`[\w.\-]{8,128}`,
        },
        {
          name: 'client_secret',
          label: 'Client secret',
          hint: 'Shown beside the client ID, once.',
          secret: true,
          required: true,
          pattern: String.raw`[\w.\-]{8,256}`,
        },
      ],
    },
    {
      id: 'create',
      label: 'Make one for me',
      asks: 'API keys that may make a service account; they are used once, for that, and destroyed.',
      fields: [
        applicationKey,
        applicationSecret,
        consumerKey,
        {
          name: 'project_ids',
          label: 'Public Cloud projects',
          hint: 'Their ids, 32 hexadecimal digits each, separated by commas or line breaks. The service account sees nothing else.',
          secret: false,
          required: true,
          multiline: true,
          pattern: String.raw`[0-9a-f]{32}(?:[\s,;]+[0-9a-f]{32})*[\s,;]*`,
        },
        {
          name: 'access',
          label: 'Access',
          hint: 'To read, or also to manage instances, networks, volumes and Kubernetes clusters.',
          secret: false,
          required: true,
          options: ['read', 'manage'],
        },
      ],
    },
  ],
};

function guide(context: GuideContext): readonly GuideBlock[] {
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
