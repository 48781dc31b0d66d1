import { html, type Html } from './html.ts';

export interface Page {
  readonly title: string;
  readonly body: Html;
  /** For the head: what a single page needs besides the stylesheet. */
  readonly head?: Html;
  /** For what is to be read to the letter: code. */
  readonly isWide?: boolean;
}

/** One calm card in one column; works from 375 px up, light and dark, without a script. */
export function layout({ title, body, head, isWide = false }: Page): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Mooring</title>
        <link rel="stylesheet" href="/assets/mooring.css" />
        <link rel="icon" href="data:," />
        ${head}
      </head>
      <body>
        <main class="card ${isWide && 'wide'}">${body}</main>
        <p class="foot">Mooring keeps cloud connections alive.</p>
      </body>
    </html>`.toString();
}
