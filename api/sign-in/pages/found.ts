import { html, type Html } from '../../http/html.ts';
import type { Found } from '../found.ts';

/** What was found in the account. `result.js` makes the same of the same data. */
export function foundSection(found: Found | null): Html {
  return html`<section id="found">
    ${
      found &&
      html`<h2>${found.title}</h2>
        ${found.kinds.map(kindSection)}`
    }
  </section>`;
}

const kindSection = ({ kind, title, open, rows, more }: Found['kinds'][number]): Html =>
  html`<details class="found" data-kind="${kind}" ${open && html`open`}>
    <summary>${title}</summary>
    ${
      rows.length > 0 &&
      html`<table>
        <tbody>
          ${rows.map(
            ({ name, consoleUrl, region, status }) =>
              html`<tr>
                <td>${nameCell(name, consoleUrl)}</td>
                <td>${region}</td>
                <td>${status}</td>
              </tr>`,
          )}
        </tbody>
      </table>`
    }
    ${more !== null && html`<p class="quiet">${more}</p>`}
  </details>`;

const nameCell = (name: string, consoleUrl: string | null): Html | string =>
  consoleUrl === null ? name : html`<a href="${consoleUrl}" target="_blank" rel="noopener noreferrer">${name}</a>`;
