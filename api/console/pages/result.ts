import type { Progress } from '../../invitation/progress.ts';
import type { Found } from '../../invitation/found-resources.ts';
import { html } from '../html.ts';
import type { Page } from '../layout.ts';
import { foundSection } from './found.ts';

/** How a sign-in is getting on, and what was found in the account. The script keeps it up to date; without scripts the page reloads itself. */
export function resultPage(progress: Progress, found: Found | null, progressPath: string): Page {
  const { tone, title, sentence, account, problem } = progress;
  const done = progress.done && found?.listing !== true;
  return {
    title,
    head: html`${!done && html`<noscript><meta http-equiv="refresh" content="4" /></noscript>`}
      <script src="/assets/result.js" defer></script>`,
    body: html`<div id="progress" data-progress="${progressPath}" data-done="${String(done)}" aria-live="polite">
        <h1 class="tone ${tone}" data-field="title">${title}</h1>
        <p data-field="sentence">${sentence}</p>
        <p class="account" data-field="account">${account && accountText(account)}</p>
        <p data-field="remedy">${problem?.remedy}</p>
        <p class="code"><code data-field="code">${problem?.code}</code></p>
      </div>
      ${foundSection(found)}`,
  };
}

export const accountText = ({ id, displayName }: { id: string; displayName: string | null }): string =>
  displayName === null || displayName === id ? `Account ${id}` : `Account ${displayName} (${id})`;
