import { html } from '../../http/html.ts';
import type { Page } from '../../http/page.ts';
import type { Progress } from '../progress.ts';
import type { SeenResult } from '../seen-result.ts';
import { foundSection } from './found.ts';
import { webAddress } from './parts.ts';

/**
 * How a sign-in is getting on, and what was found in the account. The script keeps it up to date; without scripts the
 * page reloads itself. `path` is the page's own.
 */
export function resultPage({ progress, found, again }: Omit<SeenResult, 'view'>, path: string): Page {
  const { tone, title, sentence, account, problem, waiting } = progress;
  const done = progress.done && found?.listing !== true;
  const link = webAddress(problem?.link);
  return {
    title,
    isWide: found !== null,
    head: html`${!done && html`<noscript><meta http-equiv="refresh" content="4" /></noscript>`}
      <script src="/assets/result.js" defer></script>`,
    body: html`<div id="progress" data-progress="${path}/progress" data-done="${String(done)}" aria-live="polite">
        <h1 class="tone ${tone}" data-field="title">${title}</h1>
        <p data-field="sentence">${sentence}</p>
        <p class="account" data-field="account">${account && accountText(account)}</p>
        <p class="remedy" data-field="remedy">${problem?.remedy}</p>
        <p ${!link && html`hidden`}>
          <a class="button" data-field="link" href="${link?.href}" target="_blank" rel="noopener noreferrer"
            >${link && `Open ${link.host}`}</a
          >
        </p>
        <p class="tries" data-field="tries">${waiting && triesText(waiting)}</p>
        <p class="code"><code data-field="code">${problem?.code}</code></p>
      </div>
      <form id="try-now" method="post" action="${path}/try-now" ${!waiting && html`hidden`}>
        <button class="button second" type="submit">Try now</button>
      </form>
      <p ${again === null && html`hidden`}>
        <a id="again" class="button second" href="${again}">${waiting ? 'Change what was submitted' : 'Try again'}</a>
      </p>
      ${foundSection(found)}`,
  };
}

/** `result.js` says the same of the same data. */
const triesText = ({ attempts, nextTryAt }: NonNullable<Progress['waiting']>): string =>
  `Tried ${attempts === 1 ? 'once' : `${attempts} times`}; ${
    nextTryAt === null ? 'a try is being made now.' : `the next try is at ${nextTryAt.slice(11, 19)} UTC.`
  }`;

export const accountText = ({ id, displayName }: { id: string; displayName: string | null }): string =>
  displayName === null || displayName === id ? `Account ${id}` : `Account ${displayName} (${id})`;
