import type { CloudContext, Reply } from '../../core/cloud.ts';
import { isRegistered, redirectBack } from '../../oauth/authorize.ts';
import { type Codes, isChallenge } from '../../oauth/codes.ts';
import type { AzureCloud, AzureSettings } from './settings.ts';
import type { Consents } from './principals.ts';
import { findTenant, findUser, users, type User } from './directory.ts';
import { describe } from './entra-errors.ts';
import { isAnyTenant } from './token-endpoint.ts';
import { consentPage, type Choice, escapeHtml, page } from '../../core/html.ts';

/** The authorization endpoint: GET shows the page, POST takes the account and the decision (null = the page). */
export function createAuthorize(
  { settings }: CloudContext<AzureSettings>,
  { codes, consents }: { codes: Codes; consents: Consents },
) {
  return (cloud: AzureCloud, tenant: string, query: URLSearchParams, decision: URLSearchParams | null): Reply => {
    const { application, audience } = cloud;
    const redirectUri = query.get('redirect_uri') ?? '';
    const { callbackUrls } = settings();
    // RFC 6749, 4.1.2.1: if one of these is wrong, no redirect is safe.
    if (!isAnyTenant(tenant) && !findTenant(tenant)) return errorPage(describe(90002, `Tenant '${tenant}' not found.`));
    if (query.get('client_id') !== application.clientId) {
      const text = `Application with identifier '${query.get('client_id') ?? ''}' was not found in the directory.`;
      return errorPage(describe(700016, text));
    }
    if (!isRegistered(redirectUri, callbackUrls)) {
      const text = `The redirect URI '${redirectUri}' specified in the request does not match the redirect URIs configured for the application '${application.clientId}'.`;
      return errorPage(describe(50011, text));
    }

    const back = (answer: Record<string, string>): Reply => redirectBack(query, answer, settings().issuer);
    const fail = (error: string, code: number, text: string) =>
      back({ error, error_description: describe(code, text) });

    const scopes = (query.get('scope') ?? '').split(' ');
    const challenge = query.get('code_challenge');
    if (query.get('response_type') !== 'code') {
      return fail('unsupported_response_type', 700054, 'response_type is not enabled for the application.');
    }
    if (!['query', null].includes(query.get('response_mode'))) {
      return fail('invalid_request', 70007, 'The simulation answers with response_mode "query" alone.');
    }
    if (!scopes.includes(`${audience}/user_impersonation`)) {
      return fail('invalid_scope', 70011, 'The provided value for the input parameter "scope" is not valid.');
    }
    if (challenge === null && settings().requirePkce) {
      return fail('invalid_request', 9002325, 'Proof Key for Code Exchange is required.');
    }
    if (challenge !== null && (query.get('code_challenge_method') !== 'S256' || !isChallenge(challenge))) {
      return fail('invalid_request', 501491, 'Invalid size of Code_Challenge parameter.');
    }

    if (!decision) {
      return authorizePage({ cloud, redirectUri, scopes, query, users: usersOf(tenant) });
    }
    if (decision.get('decision') !== 'approve') {
      return fail('access_denied', 65004, 'User declined to consent to access the app.');
    }
    const user = findUser(decision.get('account'));
    if (!user || !usersOf(tenant).includes(user)) return errorPage(describe(50034, 'There is no such account here.'));
    if (!consents.covers(cloud, user.tenantId)) {
      return fail('consent_required', 90094, 'An administrator must allow the application before anybody can use it.');
    }
    const scope = scopes.join(' ');
    const terms = { region: cloud.id, clientId: application.clientId, account: user.username, scope, redirectUri };
    return back({ code: codes.mint({ ...terms, challenge }), session_state: 'simulated' });
  };
}

const usersOf = (tenant: string): User[] =>
  users.filter(({ tenantId }) => isAnyTenant(tenant) || tenantId === tenant.toLowerCase());

export const shell = { title: 'Simulated Microsoft Entra ID', accent: '#0067b8' };

const authorizePage = (request: {
  cloud: AzureCloud;
  redirectUri: string;
  scopes: readonly string[];
  query: URLSearchParams;
  users: readonly User[];
}): Reply =>
  consentPage({
    ...request,
    shell,
    heading: `Simulated Microsoft Entra ID · ${request.cloud.id}`,
    asks: `<p><strong>${escapeHtml(request.cloud.application.name)}</strong> asks to use Azure Resource Manager in your name
(<code>${request.scopes.map(escapeHtml).join('</code>, <code>')}</code>).</p>`,
    choices: request.users.map(choice),
    approve: 'Accept',
    refuse: 'Cancel',
  });

export function errorPage(message: string): Reply {
  return page({
    ...shell,
    status: 400,
    content: `<h1>Simulated Microsoft Entra ID</h1>\n<p>Sorry, but we're having trouble signing you in.</p>\n<p>${escapeHtml(message)}</p>`,
  });
}

function choice({ username, name, tenantId }: User): Choice {
  const tenant = findTenant(tenantId);
  const needs = tenant?.needsAdminConsent ? ', an administrator must consent first' : '';
  return { value: username, name, note: `${username} · ${tenant?.name}${needs}` };
}
