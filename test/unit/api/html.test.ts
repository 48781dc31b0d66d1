import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { html } from '../../../api/http/html.ts';

describe('the template that pages are made of', () => {
  it('the HTML template escapes text in an element and in a quoted attribute', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('<', '>', '"', "'", '&', 'a', ' ', '=', '/') }), (text) => {
        const markup = html`<a title="${text}">${text}</a>`.toString();
        const [, attribute, content] = /^<a title="([^"]*)">([^<]*)<\/a>$/.exec(markup) ?? [];
        expect(unescape(attribute)).toBe(text);
        expect(unescape(content)).toBe(text);
      }),
    );
  });

  it('the HTML template keeps its own nested markup as it is', () => {
    const items = ['<one>', 'two'].map((item) => html`<li>${item}</li>`);
    const nested = html`<ul>
      ${[items, html`<li>${3}</li>`]}
    </ul>`;
    expect(nested.toString().replaceAll(/\s/g, '')).toBe('<ul><li>&lt;one&gt;</li><li>two</li><li>3</li></ul>');
  });

  it('the HTML template leaves out characters that nobody sees or that turn the text around them, and keeps lines', () => {
    const name = 'Acme\u202Egnitekram\u0000\u200B\n(second line)';
    expect(html`<p title="${name}">${name}</p>`.toString()).toBe(
      '<p title="Acmegnitekram\n(second line)">Acmegnitekram\n(second line)</p>',
    );
  });

  it('the HTML template leaves out null, undefined, false and empty values', () => {
    expect(html`<p>${null}${undefined}${false}${''}</p>`.toString()).toBe('<p></p>');
  });
});

const unescape = (text = ''): string =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
