import type { Reply } from './cloud.ts';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? '');

/** A page of a simulated cloud. It says on every page that it is not the real one. */
export function page(options: { title: string; accent: string; content: string; status?: number }): Reply {
  const { title, accent, content, status = 200 } = options;
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    },
    body: `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>
  :root { --accent: ${accent}; color-scheme: light dark; }
  * { box-sizing: border-box; }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; font: 16px/1.5 system-ui, sans-serif;
    background: light-dark(#eef1f8, #10131c); color: light-dark(#1b2133, #e6e9f2); }
  main { width: min(26rem, calc(100vw - 3rem)); padding: 2rem; border-radius: .75rem; border-top: .4rem solid var(--accent);
    background: light-dark(#fff, #1a1f2e); box-shadow: 0 .5rem 2rem rgb(0 0 0 / .12); }
  h1 { font-size: 1.15rem; margin: 0 0 1rem; color: var(--accent); }
  small { color: light-dark(#5a6378, #9aa4bd); overflow-wrap: anywhere; }
  label { display: flex; gap: .75rem; align-items: center; padding: .6rem .75rem; margin: .4rem 0; cursor: pointer;
    border: 1px solid light-dark(#d5daea, #343c54); border-radius: .5rem; }
  label:has(:checked) { border-color: var(--accent); outline: 1px solid var(--accent); }
  label span { display: grid; line-height: 1.3; }
  fieldset { border: 0; padding: 0; margin: 1rem 0; }
  legend { font-weight: 600; padding: 0; }
  .actions { display: flex; gap: .75rem; margin: 1.5rem 0 1rem; }
  button { flex: 1; padding: .7rem; font: inherit; font-weight: 600; border-radius: .5rem; cursor: pointer;
    border: 1px solid var(--accent); background: transparent; color: inherit; }
  button[value=approve] { background: var(--accent); color: #fff; }
</style>
<main>
${content}
<small>This is a simulation that runs on this machine. No real account is involved.</small>
</main>
</html>
`,
  };
}

/** A person who can be chosen on the page; there are no passwords. */
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
