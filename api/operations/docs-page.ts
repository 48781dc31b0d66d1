import { html } from '../http/pages/html.ts';

/** A page of its own kind: as wide as the screen, and the one that does nothing without its script. */
export const docsPage = (): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>API · Mooring</title>
        <link rel="stylesheet" href="/docs/swagger-ui.css" />
        <link rel="icon" href="data:," />
        <script src="/docs/swagger-ui-bundle.js" defer></script>
        <script src="/assets/docs.js" defer></script>
      </head>
      <body>
        <noscript>This page needs JavaScript; <a href="/openapi.json">the API’s description</a> does not.</noscript>
        <div id="api"></div>
      </body>
    </html>`.toString();
