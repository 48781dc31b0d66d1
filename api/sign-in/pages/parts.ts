import type { Problem } from '../../../contracts/problem.ts';
import type { GuideBlock } from '../../../providers/manifests/types.ts';
import { html, type Html } from '../../http/html.ts';

/** What is wrong: cause, remedy, and where the remedy is done. `lead` says what it is about. */
export function problemBox(lead: string, { code, message, remedy, link }: Problem): Html {
  return html`<div class="problem" role="status">
    <p><strong>${lead}</strong> ${message}</p>
    <p class="remedy">${remedy}</p>
    ${webLink(link)}
    <p class="code">Code: <code>${code}</code></p>
  </div>`;
}

/** An http(s) URL, else undefined: a URL with another scheme could run a script. */
export function webAddress(address: string | undefined): URL | undefined {
  const url = address === undefined ? null : URL.parse(address);
  return url?.protocol === 'https:' || url?.protocol === 'http:' ? url : undefined;
}

/** A link that opens in a new tab and is named by its host. */
function webLink(address: string | undefined): Html | undefined {
  const url = webAddress(address);
  return (
    url &&
    html`<p><a class="button" href="${url.href}" target="_blank" rel="noopener noreferrer">Open ${url.host}</a></p>`
  );
}

/** Blocks of up to this many lines are open; longer ones are collapsed. */
const SHOWN_LINES = 3;

/** The stylesheet and script of pages with steps. */
export const guideHead = html`<link rel="stylesheet" href="/assets/guide.css" />
  <script src="/assets/copy.js" defer></script>`;

/** What the customer does at the cloud first. The script only adds buttons to copy the text. */
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
