import { Type } from 'typebox';
import { ProblemSchema } from '../connections/schema.ts';
import { countTryNow } from '../connections/try-now.ts';
import type { App } from '../http/app-types.ts';
import { pageReplies, TokenParams } from '../http/page.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { nullable } from '../http/schema.ts';
import { assertSameOrigin } from './browser.ts';
import type { SignInDependencies } from './dependencies.ts';
import { FoundSchema } from './found.ts';
import { brandIfKnown, sendBranded } from './pages/brand.ts';
import { accountText, resultPage } from './pages/result.ts';
import { seenResult } from './seen-result.ts';

const ProgressSchema = Type.Object(
  {
    tone: Type.Enum(['working', 'good', 'bad']),
    title: Type.String(),
    sentence: Type.String(),
    account: nullable(Type.String()),
    problem: nullable(ProblemSchema),
    waiting: nullable(
      Type.Object(
        { attempts: Type.Integer(), nextTryAt: nullable(Type.String({ format: 'date-time' })) },
        { description: 'The access does not work yet, and is tried again.' },
      ),
    ),
    again: nullable(Type.String({ description: 'Where it can be tried again, or what was submitted be corrected.' })),
    done: Type.Boolean({ description: 'Nothing more will come of the sign-in by itself.' }),
    found: nullable(FoundSchema),
  },
  { description: 'How the sign-in is getting on.' },
);

/** The result of a sign-in or a submission. Only the browser that made it can open the page, also later. */
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
          503: 'Cannot be said at present.',
        }),
      },
    },
    async (request, reply) => {
      const { token } = request.params;
      // With "no-referrer", browsers send "Origin: null" with the form, and its origin could not be checked.
      reply.header('referrer-policy', 'same-origin');
      const seen = await seenResult(deps, request, token);
      const brand = await brandIfKnown(deps.tenants, seen.view.tenant);
      return sendBranded(reply, resultPage(seen, `/result/${token}`), brand);
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
        response: { 200: ProgressSchema, ...problemReplies(400, 403, 404, 503) },
      },
    },
    async (request, reply) => {
      const { progress, found, again } = await seenResult(deps, request, request.params.token);
      reply.header('cache-control', 'no-store');
      return { ...progress, account: progress.account && accountText(progress.account), found, again };
    },
  );

  app.post(
    '/result/:token/try-now',
    {
      config: { access: 'public', page: true },
      schema: {
        // Only the page itself uses this route.
        hide: true,
        operationId: 'tryNowFromResult',
        summary: 'Makes the next try at once',
        description: 'For the browser that signed in.',
        tags: ['sign-in'],
        params: TokenParams,
        response: pageReplies({
          303: 'Back to the result.',
          403: 'Another browser, or sent from another site.',
          404: 'Not a page of ours.',
          429: 'Too many tries.',
          503: 'Cannot be said at present.',
        }),
      },
    },
    async (request, reply) => {
      assertSameOrigin(request, deps.config.publicUrl);
      const { token } = request.params;
      const { view, progress } = await seenResult(deps, request, token);
      // If it has succeeded or failed in the meantime, the result page shows that.
      if (progress.waiting) {
        await countTryNow(deps.ephemeral, view.id);
        await deps.connections.tryNow(view.tenant, view.id);
      }
      return reply.header('cache-control', 'no-store').redirect(`/result/${token}`, 303);
    },
  );
}
