import type { FormMethodManifest, GuideBlock, GuideContext } from '../../manifests/types.ts';
import { applicationKey, applicationSecret, consumerKey, keyPage } from './api-keys.ts';

export const apiCredentials: FormMethodManifest = {
  id: 'api_credentials',
  flow: 'form',
  name: 'API keys',
  asks: 'API keys of your OVHcloud account, with the rights that you gave them, until you or they disconnect it.',
  requires: [],
  leased: ['application_key', 'application_secret', 'consumer_key'],
  rotatesRefreshTokens: false,
  discovers: true,
  minted: [],
  guide,
  fields: [
    applicationKey,
    applicationSecret,
    {
      ...consumerKey,
      required: false,
      hint: 'Left empty, Mooring asks OVHcloud for one, and shows you the link where you approve it.',
    },
  ],
};

function guide(context: GuideContext): readonly GuideBlock[] {
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
