import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import { Type } from 'typebox';
import { readableOn } from '../../platform/contrast.ts';
import type { App } from './app-types.ts';
import { problemReplies } from './problem-schema.ts';

const files = ['mooring.css', 'guide.css', 'brand.css', 'result.js', 'copy.js', 'docs.js'] as const;

const CACHED_MS = 300_000;

/** The pages' stylesheet and script, by name: nothing else of the folder is served. */
export async function registerAssets(app: App): Promise<void> {
  const root = fileURLToPath(new URL('./assets/', import.meta.url));
  await app.register(fastifyStatic, { root, serve: false, maxAge: CACHED_MS });
  app.get(
    '/assets/:file',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getAsset',
        summary: 'A file of the pages',
        description: 'Stylesheet and script of the pages.',
        tags: ['sign-in'],
        params: Type.Object({ file: Type.Enum([...files]) }),
        response: {
          200: {
            description: 'The file.',
            content: {
              'text/css': { schema: Type.String({ description: 'A stylesheet.' }) },
              'application/javascript': { schema: Type.String({ description: 'A script.' }) },
            },
          },
          ...problemReplies(400),
        },
      },
    },
    async (request, reply) => reply.sendFile(request.params.file),
  );
  app.get(
    '/assets/accent/:colour',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getAccent',
        summary: 'The colour of buttons and links',
        description: 'A stylesheet that is made of the colour alone, readable in light and dark.',
        tags: ['sign-in'],
        params: Type.Object({ colour: Type.String({ pattern: '^[0-9a-f]{6}$', description: 'As rrggbb.' }) }),
        response: {
          200: {
            description: 'The stylesheet.',
            content: { 'text/css': { schema: Type.String({ description: 'A stylesheet.' }) } },
          },
          ...problemReplies(400),
        },
      },
    },
    async (request, reply) =>
      await reply
        .type('text/css; charset=utf-8')
        .header('cache-control', `public, max-age=${CACHED_MS / 1000}`)
        .send(accentStyle(`#${request.params.colour}`)),
  );
}

/** The grounds of `mooring.css`: of a card in light and dark, and the text of its buttons. */
const light = { card: '#ffffff', text: '#ffffff' };
const dark = { card: '#182028', text: '#08202f' };

/** The accent of `mooring.css` in another colour, darker or lighter where it could not be read. */
const accentStyle = (colour: string): string =>
  [
    `:root{--accent:${readableOn(light.card, colour, '#000000')};--accent-text:${light.text}}`,
    `@media (prefers-color-scheme: dark){:root{--accent:${readableOn(dark.card, colour, '#ffffff')};--accent-text:${dark.text}}}`,
    '',
  ].join('\n');
