import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import { Type } from 'typebox';
import type { App } from './app-types.ts';
import { problemReplies } from './problem-schema.ts';

const files = ['mooring.css', 'guide.css', 'result.js', 'copy.js', 'docs.js'] as const;

/** The pages' stylesheet and script, by name: nothing else of the folder is served. */
export async function registerAssets(app: App): Promise<void> {
  const root = fileURLToPath(new URL('./assets/', import.meta.url));
  await app.register(fastifyStatic, { root, serve: false, maxAge: 300_000 });
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
}
