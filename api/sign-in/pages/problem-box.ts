import type { Problem } from '../../../contracts/problem.ts';
import { html, type Html } from '../../http/pages/html.ts';
import { webLink } from './web-link.ts';

/** What is wrong: cause, remedy, and where the remedy is done. `lead` says what it is about. */
export function problemBox(lead: string, { code, message, remedy, link }: Problem): Html {
  return html`<div class="problem" role="status">
    <p><strong>${lead}</strong> ${message}</p>
    <p class="remedy">${remedy}</p>
    ${webLink(link)}
    <p class="code">Code: <code>${code}</code></p>
  </div>`;
}
