import type { Reply } from '../../core/cloud.ts';
import { consentPage } from '../../core/consent-page.ts';
import { escapeHtml, page } from '../../core/html.ts';
import { application, people } from './accounts.ts';
import { cloudScopes, scopeTexts, split } from './scopes.ts';
import type { GcpSettings } from './settings.ts';

export const shell = { title: 'Simulated Google', accent: '#1a73e8' };

export const authorizePage = (request: { redirectUri: string; query: URLSearchParams; settings: GcpSettings }): Reply =>
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

export const errorPage = (error: string, message: string): Reply =>
  page({
    ...shell,
    status: 400,
    content: `<h1>Access blocked: this app's request is invalid</h1>
<p>${escapeHtml(message)}</p>
<p>Error 400: ${escapeHtml(error)}</p>`,
  });

/** Who one is comes with signing in; access to data is granted box by box. */
function scopeBox(scope: string): string {
  const text = escapeHtml(scopeTexts[scope] ?? scope);
  const value = escapeHtml(scope);
  return cloudScopes.includes(scope)
    ? `<label><input type="checkbox" name="scope" value="${value}" checked><span>${text}</span></label>`
    : `<p>${text}<input type="hidden" name="scope" value="${value}"></p>`;
}
