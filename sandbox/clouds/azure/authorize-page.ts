import type { Reply } from '../../core/cloud.ts';
import { escapeHtml, page } from '../../core/html.ts';
import type { AzureCloud } from './clouds.ts';
import { findTenant, type User } from './directory.ts';

export const shell = { title: 'Simulated Microsoft Entra ID', accent: '#0067b8' };

/** The sign-in and consent page. Its form posts to its own URL, so the request's parameters travel unchanged. */
export function authorizePage(request: {
  cloud: AzureCloud;
  redirectUri: string;
  scopes: readonly string[];
  query: URLSearchParams;
  users: readonly User[];
}): Reply {
  const action = `?${request.query.toString()}`;
  return page({
    ...shell,
    content: `<h1>Simulated Microsoft Entra ID · ${escapeHtml(request.cloud.id)}</h1>
<p><strong>${escapeHtml(request.cloud.application.name)}</strong> asks to use Azure Resource Manager in your name
(<code>${request.scopes.map(escapeHtml).join('</code>, <code>')}</code>).</p>
<form method="post" action="${escapeHtml(action)}">
<fieldset>
<legend>Sign in as</legend>
${request.users.map(accountChoice).join('\n')}
</fieldset>
<div class="actions">
<button name="decision" value="approve">Accept</button>
<button name="decision" value="refuse">Cancel</button>
</div>
</form>
<p><small>You will return to ${escapeHtml(new URL(request.redirectUri).origin)}.</small></p>`,
  });
}

export function errorPage(message: string): Reply {
  return page({
    ...shell,
    status: 400,
    content: `<h1>Simulated Microsoft Entra ID</h1>\n<p>Sorry, but we're having trouble signing you in.</p>\n<p>${escapeHtml(message)}</p>`,
  });
}

function accountChoice({ username, name, tenantId }: User, index: number): string {
  const tenant = findTenant(tenantId);
  const needs = tenant?.needsAdminConsent ? ', an administrator must consent first' : '';
  return `<label><input type="radio" name="account" value="${escapeHtml(username)}"${index === 0 ? ' checked' : ''}>
<span>${escapeHtml(name)}<small>${escapeHtml(`${username} · ${tenant?.name}${needs}`)}</small></span></label>`;
}
