import type { GuideBlock } from '../../../providers/manifests/types.ts';
import { html, type Html } from '../../http/pages/html.ts';
import { webAddress } from './web-link.ts';

/** Shorter ones are shown at once; the others open on request, so that the page stays a page. */
const SHOWN_LINES = 3;

/** What pages with steps or fields need besides the stylesheet of all. */
export const guideHead = html`<link rel="stylesheet" href="/assets/guide.css" />
  <script src="/assets/copy.js" defer></script>`;

/** What the customer does at the cloud first. Everything is there without a script; with one, it is copied by a button. */
export function guideSteps(blocks: readonly GuideBlock[]): Html | undefined {
  if (blocks.length === 0) return undefined;
  return html`<section class="guide">${blocks.map((block) => step(block))}</section>`;
}

function step({ title, text, format }: GuideBlock): Html | undefined {
  if (format === undefined) {
    return html`<h2>${title}</h2>
      <p>${text}</p>`;
  }
  if (format === 'url') {
    const url = webAddress(text);
    if (!url) return undefined;
    return html`<p>
      <a class="button second" href="${url.href}" target="_blank" rel="noopener noreferrer">${title}</a>
    </p>`;
  }
  const isShort = text.trimEnd().split('\n').length <= SHOWN_LINES;
  return html`<details class="copy" ${isShort && html`open`}>
    <summary>${title}</summary>
    <pre data-copy tabindex="0" aria-label="${title}">${text.trimEnd()}</pre>
  </details>`;
}
