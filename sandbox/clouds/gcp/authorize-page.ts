import type { Reply } from '../../core/cloud.ts';
import { escapeHtml, page } from '../../core/html.ts';
import { application, people, type Member } from './accounts.ts';
import { cloudScopes, scopeTexts, split } from './scopes.ts';
import type { GcpSettings } from './settings.ts';

export const shell = { title: 'Simulated Google', accent: '#1a73e8' };

/** The sign-in and consent page. Its form posts to its own URL, so the request's parameters travel unchanged. */
export function authorizePage(request: { redirectUri: string; query: URLSearchParams; settings: GcpSettings }): Reply {
  const { redirectUri, query, settings } = request;
  const testing =
    settings.publishingStatus === 'testing'
      ? '<p>Google has not verified this app. It is being tested: the access ends after 7 days.</p>'
      : '';
  return page({
    ...shell,
    content: `<h1>Simulated Google</h1>
${testing}
<form method="post" action="?${escapeHtml(query.toString())}">
<fieldset><legend>Sign in as</legend>
${people.map(accountChoice).join('\n')}
</fieldset>
<fieldset><legend>${escapeHtml(application.name)} wants access to your Google Account</legend>
<input type="hidden" name="boxes" value="shown">
${split(query.get('scope')).map(scopeBox).join('\n')}
</fieldset>
<div class="actions">
<button name="decision" value="approve">Continue</button>
<button name="decision" value="refuse">Cancel</button>
</div>
</form>
<p><small>You will return to ${escapeHtml(new URL(redirectUri).origin)}.</small></p>`,
  });
}

export const errorPage = (error: string, message: string): Reply =>
  page({
    ...shell,
    status: 400,
    content: `<h1>Access blocked: this app's request is invalid</h1>
<p>${escapeHtml(message)}</p>
<p>Error 400: ${escapeHtml(error)}</p>`,
  });

function accountChoice({ email, name }: Member, index: number): string {
  return `<label><input type="radio" name="account" value="${escapeHtml(email)}"${index === 0 ? ' checked' : ''}>
<span>${escapeHtml(name)}<small>${escapeHtml(email)}</small></span></label>`;
}

/** Who one is comes with signing in; access to data is granted box by box. */
function scopeBox(scope: string): string {
  const text = escapeHtml(scopeTexts[scope] ?? scope);
  const value = escapeHtml(scope);
  return cloudScopes.includes(scope)
    ? `<label><input type="checkbox" name="scope" value="${value}" checked><span>${text}</span></label>`
    : `<p>${text}<input type="hidden" name="scope" value="${value}"></p>`;
}
