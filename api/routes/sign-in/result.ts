import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { App } from '../../app-types.ts';
import { accountText, resultPage } from '../../console/pages/result.ts';
import { sendPage } from '../../console/send-page.ts';
import { foundResources, FoundSchema, type Found } from '../../invitation/found-resources.ts';
import { progressOf, type Progress } from '../../invitation/progress.ts';
import { ApiProblem } from '../../problem.ts';
import { pageReplies, TokenParams } from '../../schemas/pages.ts';
import { problemReplies } from '../../schemas/problem.ts';
import type { SignInDependencies } from '../../invitation/sign-in-dependencies.ts';

const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

const ProgressSchema = Type.Object(
  {
    tone: Type.Enum(['working', 'good', 'bad']),
    title: Type.String(),
    sentence: Type.String(),
    account: nullable(Type.String()),
    problem: nullable(Type.Object({ code: Type.String(), message: Type.String(), remedy: Type.String() })),
    done: Type.Boolean({ description: 'Nothing more will come of the sign-in by itself.' }),
    found: nullable(FoundSchema),
  },
  { description: 'How the sign-in is getting on.' },
);

/** The result of a sign-in: for the browser that signed in, at this address also later. */
export function registerResult(app: App, deps: SignInDependencies): void {
  app.get(
    '/result/:token',
    {
      config: { access: 'public', page: true },
      schema: {
        operationId: 'showResult',
        summary: 'Shows how a sign-in is getting on',
        description: 'For the browser that signed in.',
        tags: ['sign-in'],
        params: TokenParams,
        response: pageReplies({
          200: 'The result.',
          403: 'Another browser.',
          404: 'Not a page of ours.',
          503: 'Can not be said at present.',
        }),
      },
    },
    async (request, reply) => {
      const { token } = request.params;
      const { progress, found } = await read(deps, request, token);
      return sendPage(reply, resultPage(progress, found, `/result/${token}/progress`));
    },
  );

  app.get(
    '/result/:token/progress',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getProgress',
        summary: 'How a sign-in is getting on',
        description: 'What the result page polls.',
        tags: ['sign-in'],
        params: TokenParams,
        response: { 200: ProgressSchema, ...problemReplies(403, 404, 503) },
      },
    },
    async (request, reply) => {
      const { progress, found } = await read(deps, request, request.params.token);
      reply.header('cache-control', 'no-store');
      return { ...progress, account: progress.account && accountText(progress.account), found };
    },
  );
}

interface Seen {
  readonly progress: Progress;
  readonly found: Found | null;
}

async function read(deps: SignInDependencies, request: FastifyRequest, token: string): Promise<Seen> {
  const { connections, results, browser, inventory } = deps;
  const claims = await results.open(token);
  const view = claims && (await connections.viewForLink(claims.c))?.view;
  if (!view) {
    throw new ApiProblem({
      status: 404,
      code: 'result_unknown',
      message: 'There is no such result, or it is too old to be shown.',
      remedy: 'Ask whoever sent the invitation how the connection is.',
    });
  }
  if (!browser.matches(request, claims.b)) {
    throw new ApiProblem({
      status: 403,
      code: 'other_browser',
      message: 'This result is shown only in the browser that signed in.',
      remedy: 'Open it there, or ask whoever sent the invitation.',
    });
  }
  const progress = progressOf(claims, view);
  return { progress, found: progress.tone === 'good' ? await foundResources(inventory, view) : null };
}
