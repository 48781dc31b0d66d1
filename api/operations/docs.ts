import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import { Type } from 'typebox';
import type { App } from '../http/app-types.ts';
import { html } from '../http/html.ts';
import { pageReplies } from '../http/page.ts';
import { problemReplies } from '../http/problem-schema.ts';

const files = ['swagger-ui.css', 'swagger-ui-bundle.js'] as const;

/**
 * The API documentation. Page and routes are our own and use two files of the package. The package's plugin is not
 * used: its routes declare no access, and its page has inline scripts, which the content security policy blocks.
 */
export async function registerDocs(app: App): Promise<void> {
  const root = join(dirname(fileURLToPath(import.meta.resolve('@fastify/swagger-ui'))), 'static');
  await app.register(fastifyStatic, { root, serve: false, maxAge: 3_600_000 });
  app.get(
    '/docs',
    {
      config: { access: 'public', page: true },
      schema: {
        operationId: 'browseApi',
        summary: 'This API, to browse',
        description: 'Loads nothing from elsewhere. Give it an API key to try the routes.',
        tags: ['operations'],
        response: pageReplies({ 200: 'The page.' }),
      },
    },
    async (_request, reply) => await reply.type('text/html; charset=utf-8').send(docsPage()),
  );
  app.get(
    '/docs/:file',
    {
      config: { access: 'public' },
      schema: {
        hide: true,
        operationId: 'getDocsFile',
        params: Type.Object({ file: Type.Enum([...files]) }),
        response: { 200: { description: 'The file.' }, ...problemReplies(400) },
      },
    },
    async (request, reply) => reply.sendFile(request.params.file),
  );
}

/** Not in the common layout: it uses the full width, and it needs its script. */
const docsPage = (): string =>
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
