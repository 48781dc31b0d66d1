import type { Reply } from '../../core/cloud.ts';
import type { Tables } from '../../core/tables.ts';
import { challengeFault, isRegistered, redirectBack } from '../../oauth/authorize.ts';
import type { Codes } from '../../oauth/codes.ts';
import { application, issuer, people, scopeTexts, split, cloudScopes } from './accounts.ts';
import type { GcpSettings } from './settings.ts';
import { consentPage, escapeHtml, page } from '../../core/html.ts';

/** The authorization endpoint (RFC 6749, 3.1): GET shows the page, POST takes the account and the decision. */
export function createAuthorize(context: { settings: () => GcpSettings; codes: Codes; tables: Tables }) {
  const { codes } = context;
  /** By whom Mooring was approved before: a second approval gives a refresh token only where consent is asked again. */
  const consents = context.tables.table<true>('gcp.consents');

  return (
    query: URLSearchParams,
    /** Null = the page is asked for. */
    decision: URLSearchParams | null,
  ): Reply => {
    const settings = context.settings();
    const redirectUri = query.get('redirect_uri') ?? '';
    // If one of these is wrong, no redirect is safe, so Google shows a page of its own.
    if (query.get('client_id') !== application.clientId)
      return errorPage('invalid_client', 'The OAuth client was not found.');
    if (!isRegistered(redirectUri, settings.callbackUrls)) {
      return errorPage(
        'redirect_uri_mismatch',
        `You can't sign in because this app sent an invalid request. If you're the app developer, register the redirect URI in the Google Cloud console: redirect_uri=${redirectUri}`,
      );
    }
    const wrong = invalid(query, settings);
    if (wrong) return errorPage(...wrong);
    if (!decision) return authorizePage({ redirectUri, query, settings });

    const back = (answer: Record<string, string>): Reply => redirectBack(query, answer, issuer);
    if (decision.get('decision') !== 'approve') return back({ error: 'access_denied' });
    const person = people.find(({ email }) => email === decision.get('account'));
    if (!person) return errorPage('invalid_request', `There is no account "${decision.get('account') ?? ''}".`);
    const asked = split(query.get('scope'));
    // A form without any box approves every scope.
    const granted = decision.has('boxes') ? asked.filter((scope) => decision.getAll('scope').includes(scope)) : asked;
    const isFirst = !consents.get(person.id);
    consents.put(person.id, true);
    const code = codes.mint({
      region: 'global',
      clientId: application.clientId,
      account: person.id,
      scope: granted.join(' '),
      redirectUri,
      challenge: query.get('code_challenge'),
      renewable: query.get('access_type') === 'offline' && (isFirst || split(query.get('prompt')).includes('consent')),
    });
    return back({ code, scope: granted.join(' '), authuser: '0', prompt: 'consent' });
  };
}

function invalid(query: URLSearchParams, { requirePkce }: GcpSettings): [string, string] | undefined {
  const scopes = split(query.get('scope'));
  const unknown = scopes.find((scope) => !(scope in scopeTexts));
  if (query.get('response_type') !== 'code') return ['unsupported_response_type', 'response_type must be "code"'];
  if (scopes.length === 0) return ['invalid_request', 'Missing required parameter: scope'];
  if (unknown !== undefined) return ['invalid_scope', `Some requested scopes were invalid: ${unknown}`];
  const fault = challengeFault(query, requirePkce);
  return fault === undefined ? undefined : ['invalid_request', fault];
}

export const shell = { title: 'Simulated Google', accent: '#1a73e8' };

const authorizePage = (request: { redirectUri: string; query: URLSearchParams; settings: GcpSettings }): Reply =>
  consentPage({
    ...request,
    shell,
    heading: 'Simulated Google',
    asks:
      request.settings.publishingStatus === 'testing'
        ? '<p>Google has not verified this app. It is being tested: the access ends after 7 days.</p>'
        : '',
    choices: people.map(({ email, name }) => ({ value: email, name, note: email })),
    more: `<fieldset><legend>${escapeHtml(application.name)} wants access to your Google Account</legend>
<input type="hidden" name="boxes" value="shown">
${split(request.query.get('scope')).map(scopeBox).join('\n')}
</fieldset>`,
    approve: 'Continue',
    refuse: 'Cancel',
  });

const errorPage = (error: string, message: string): Reply =>
  page({
    ...shell,
    status: 400,
    content: `<h1>Access blocked: this app's request is invalid</h1>
<p>${escapeHtml(message)}</p>
<p>Error 400: ${escapeHtml(error)}</p>`,
  });

/** The identity scopes come with the sign-in; access to data is granted box by box. */
function scopeBox(scope: string): string {
  const text = escapeHtml(scopeTexts[scope] ?? scope);
  const value = escapeHtml(scope);
  return cloudScopes.includes(scope)
    ? `<label><input type="checkbox" name="scope" value="${value}" checked><span>${text}</span></label>`
    : `<p>${text}<input type="hidden" name="scope" value="${value}"></p>`;
}
