import type { Reply } from './cloud.ts';
import { escapeHtml, page } from './html.ts';

/** Somebody who may be at the browser: nobody here has a password. */
export interface Choice {
  /** What the form sends. */
  readonly value: string;
  readonly name: string;
  readonly note: string;
}

export const accountChoices = (choices: readonly Choice[]): string => `<fieldset>
<legend>Sign in as</legend>
${choices.map(accountChoice).join('\n')}
</fieldset>`;

const accountChoice = ({ value, name, note }: Choice, index: number): string =>
  `<label><input type="radio" name="account" value="${escapeHtml(value)}"${index === 0 ? ' checked' : ''}>
<span>${escapeHtml(name)}<small>${escapeHtml(note)}</small></span></label>`;

/** The sign-in and consent page. Its form posts to its own URL, so the request's parameters travel unchanged. */
export function consentPage(request: {
  readonly shell: { readonly title: string; readonly accent: string };
  readonly heading: string;
  /** What is asked for, as HTML. */
  readonly asks: string;
  readonly choices: readonly Choice[];
  /** What is to be decided besides, as HTML inside the form. */
  readonly more?: string;
  readonly approve: string;
  readonly refuse: string;
  readonly query: URLSearchParams;
  readonly redirectUri: string;
}): Reply {
  const { shell, heading, asks, choices, more = '', approve, refuse, query, redirectUri } = request;
  return page({
    ...shell,
    content: `<h1>${escapeHtml(heading)}</h1>
${asks}
<form method="post" action="?${escapeHtml(query.toString())}">
${accountChoices(choices)}
${more}
<div class="actions">
<button name="decision" value="approve">${escapeHtml(approve)}</button>
<button name="decision" value="refuse">${escapeHtml(refuse)}</button>
</div>
</form>
<p><small>You will return to ${escapeHtml(new URL(redirectUri).origin)}.</small></p>`,
  });
}
