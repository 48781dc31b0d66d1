import type { AppDependencies } from '../http/app-types.ts';
import { createBrowserCookie, type BrowserCookie } from './browser.ts';
import { createInvitationLinks, createResultLinks, type InvitationLinks, type ResultLinks } from './links.ts';
import { createOAuthStates, type OAuthStates } from './oauth-state.ts';
import { createParkedCodes, type ParkedCodes } from './platform/parked-codes.ts';

export interface SignInDependencies extends AppDependencies {
  readonly links: InvitationLinks;
  readonly results: ResultLinks;
  readonly states: OAuthStates;
  readonly browser: BrowserCookie;
  readonly parked: ParkedCodes;
}

export function signInDependencies(deps: AppDependencies): SignInDependencies {
  const { publicUrl } = deps.config;
  return {
    ...deps,
    links: createInvitationLinks({ ...deps, publicUrl }),
    results: createResultLinks(deps),
    states: createOAuthStates(deps),
    browser: createBrowserCookie({ ...deps, publicUrl }),
    parked: createParkedCodes(deps),
  };
}
