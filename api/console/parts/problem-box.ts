import type { Problem } from '../../../workflows/contracts/problem.ts';
import { html, type Html } from '../html.ts';
import { webLink } from './web-link.ts';

/** What came of an earlier try: cause, remedy, and where the remedy is done. */
export function problemBox({ code, message, remedy, link }: Problem): Html {
  return html`<div class="problem" role="status">
    <p><strong>The last try did not work.</strong> ${message}</p>
    <p>${remedy}</p>
    ${webLink(link)}
    <p class="code">Code: <code>${code}</code></p>
  </div>`;
}
