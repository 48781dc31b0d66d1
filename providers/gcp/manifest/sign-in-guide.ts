import type { GuideBlock } from '../../manifests/types.ts';

/** What people meet at Google before they come back. */
export const signInGuide = (): readonly GuideBlock[] => [
  {
    title: 'On the pages of Google',
    text:
      'Sign in with the account whose projects are to be connected. Google asks for each access one by one: tick ' +
      'the one for your Google Cloud data, or the connection sees nothing.',
  },
];
