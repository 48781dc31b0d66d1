import type { Reply } from '../../core/cloud.ts';
import { escapeHtml, page } from '../../core/html.ts';
import { accountChoices, shell } from './account-choice.ts';

/** The sign-in and consent page. Its form posts to its own URL, so the request's parameters travel unchanged. */
export function authorizePage(request: {
  region: string;
  application: string;
  redirectUri: string;
  query: URLSearchParams;
}): Reply {
  const action = `?${request.query.toString()}`;
  return page({
    ...shell,
    content: `<h1>Simulated OVHcloud · ${escapeHtml(request.region)}</h1>
<p><strong>${escapeHtml(request.application)}</strong> asks for full access to the OVHcloud API in your name
(scope <code>${escapeHtml(request.query.get('scope') ?? '')}</code>).</p>
<form method="post" action="${escapeHtml(action)}">
${accountChoices()}
<div class="actions">
<button name="decision" value="approve">Approve</button>
<button name="decision" value="refuse">Refuse</button>
</div>
</form>
<p><small>You will return to ${escapeHtml(new URL(request.redirectUri).origin)}.</small></p>`,
  });
}

export function errorPage(message: string): Reply {
  return page({
    ...shell,
    status: 400,
    content: `<h1>Simulated OVHcloud</h1>\n<p>This sign-in can't go on. ${escapeHtml(message)}</p>`,
  });
}
