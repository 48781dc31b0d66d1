import type { Reply } from '../../core/cloud.ts';
import { challengeFault, redirectBack } from '../../oauth/authorize.ts';
import type { Codes } from '../../oauth/codes.ts';
import type { OAuthSettings } from '../../oauth/settings.ts';
import { findAccount } from './accounts.ts';
import { authorizePage, errorPage } from './pages.ts';
import type { OvhRegion } from './regions.ts';

/** The authorization endpoint (RFC 6749, 3.1): GET shows the page, POST takes the account and the decision. */
export function authorizeReply(
  context: { region: OvhRegion; settings: OAuthSettings; codes: Codes },
  query: URLSearchParams,
  /** Null = the page is asked for. */
  decision: URLSearchParams | null,
): Reply {
  const { region, settings, codes } = context;
  const application = region.applications.find(
    ({ clientId, flow }) => clientId === query.get('client_id') && flow === 'authorization_code',
  );
  const redirectUri = query.get('redirect_uri') ?? '';
  // RFC 6749, 4.1.2.1: if one of these is wrong, no redirect is safe.
  if (!application) return errorPage(`The application "${query.get('client_id') ?? ''}" is not known here.`);
  if (!URL.canParse(redirectUri)) return errorPage('The redirect_uri is missing or is no URL.');
  if (settings.callbackUrls && !settings.callbackUrls.includes(redirectUri)) {
    return errorPage(`The redirect_uri ${redirectUri} is not registered with the application.`);
  }

  const back = (answer: Record<string, string>) => redirectBack(query, answer, settings.issuer);
  const fail = (error: string, error_description: string) => back({ error, error_description });

  if (query.get('response_type') !== 'code') return fail('unsupported_response_type', 'response_type must be "code"');
  if (query.get('scope') !== 'all') return fail('invalid_scope', 'The requested scope must be "all"');
  const fault = challengeFault(query, settings.requirePkce);
  if (fault !== undefined) return fail('invalid_request', fault);

  if (!decision) return authorizePage({ region: region.id, application: application.name, redirectUri, query });
  if (decision.get('decision') !== 'approve') return fail('access_denied', 'The resource owner denied the request');
  const account = findAccount(decision.get('account'));
  if (!account) return errorPage(`There is no account "${decision.get('account') ?? ''}".`);
  const { clientId } = application;
  const challenge = query.get('code_challenge');
  const terms = { region: region.id, clientId, account: account.nichandle, scope: 'all', redirectUri, challenge };
  return back({ code: codes.mint(terms) });
}
