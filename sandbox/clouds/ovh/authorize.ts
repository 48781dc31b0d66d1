import type { Reply } from '../../core/cloud.ts';
import { type Codes, isChallenge } from '../../oauth/codes.ts';
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

  const state = query.get('state');
  const back = (answer: Record<string, string>) =>
    redirect(redirectUri, { ...answer, ...(state !== null && { state }) }, settings);
  const fail = (error: string, error_description: string) => back({ error, error_description });

  if (query.get('response_type') !== 'code') return fail('unsupported_response_type', 'response_type must be "code"');
  if (query.get('scope') !== 'all') return fail('invalid_scope', 'The requested scope must be "all"');
  const challenge = query.get('code_challenge');
  if (challenge === null && settings.requirePkce) return fail('invalid_request', 'code_challenge is missing');
  if (challenge !== null && query.get('code_challenge_method') !== 'S256') {
    return fail('invalid_request', 'code_challenge_method must be "S256"');
  }
  if (challenge !== null && !isChallenge(challenge)) return fail('invalid_request', 'code_challenge is malformed');

  if (!decision) return authorizePage({ region: region.id, application: application.name, redirectUri, query });
  if (decision.get('decision') !== 'approve') return fail('access_denied', 'The resource owner denied the request');
  const account = findAccount(decision.get('account'));
  if (!account) return errorPage(`There is no account "${decision.get('account') ?? ''}".`);
  const { clientId } = application;
  const terms = { region: region.id, clientId, account: account.nichandle, scope: 'all', redirectUri, challenge };
  return back({ code: codes.mint(terms) });
}

function redirect(redirectUri: string, answer: Record<string, string>, { issuer }: OAuthSettings): Reply {
  const target = new URL(redirectUri);
  for (const [name, value] of Object.entries(answer)) target.searchParams.set(name, value);
  if (issuer !== null) target.searchParams.set('iss', issuer);
  // 303, so that the browser does not post the decision on to the application.
  return { status: 303, headers: { location: target.href } };
}
