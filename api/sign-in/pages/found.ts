import type { Found } from '../found-resources.ts';
import { html, type Html } from '../../http/pages/html.ts';

/** What was found in the account. `result.js` makes the same of the same data. */
export function foundSection(found: Found | null): Html {
  return html`<section id="found">
    ${
      found &&
      html`<h2>${foundTitle(found)}</h2>
        ${
          found.kinds.length > 0 &&
          html`<ul class="kinds">
            ${found.kinds.map((kind) => html`<li>${kindText(kind)}</li>`)}
          </ul>`
        }
        ${
          found.shown.length > 0 &&
          html`<table>
            <tbody>
              ${found.shown.map(
                ({ kind, name, region, status }) =>
                  html`<tr>
                    <td>${name}</td>
                    <td>${kind}</td>
                    <td>${region}</td>
                    <td>${status}</td>
                  </tr>`,
              )}
            </tbody>
          </table>`
        }
        ${found.resources > found.shown.length && html`<p class="quiet">And ${found.resources - found.shown.length} more.</p>`}`
    }
  </section>`;
}

const foundTitle = ({ listing, resources }: Found): string => {
  const count = `${resources} ${resources === 1 ? 'resource' : 'resources'}`;
  return listing ? `Looking what is there: ${count} so far` : `${count} found`;
};

const kindText = ({ kind, resources, incomplete }: Found['kinds'][number]): string =>
  `${kind}: ${resources}${incomplete ? ' (not all could be listed)' : ''}`;
