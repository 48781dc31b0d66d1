import type { App } from '../http/app-types.ts';
import { messagePage } from '../http/pages/message.ts';
import { sendPage } from '../http/pages/send-page.ts';
import { receiveCallback } from './receive-callback.ts';
import { signInProblems } from './sign-in-problems.ts';
import { pageReplies } from '../http/page-schema.ts';
import type { SignInDependencies } from './sign-in-dependencies.ts';

/** Where the clouds send browsers back to; the paths are data of the manifests. */
export function registerCallbacks(app: App, deps: SignInDependencies): void {
  for (const path of deps.providers.callbacks.keys()) registerCallback(app, deps, path);
}

function registerCallback(app: App, deps: SignInDependencies, path: string): void {
  app.get(
    path,
    {
      config: { access: 'public', page: true },
      schema: {
        operationId: `receiveCallback${path.replaceAll(/\W+(\w)/g, (_match, letter: string) => letter.toUpperCase())}`,
        summary: 'Receives the cloud’s redirect',
        description:
          'For the browser that pressed Continue, within 10 minutes, once. Takes `code` and `state`, or `error` (RFC 6749, 4.1.2).',
        tags: ['sign-in'],
        response: pageReplies({
          200: 'A reload of a sign-in that has been handed over.',
          303: 'To the result page.',
          400: 'Incomplete, expired or malformed.',
          403: 'Not the browser that began it.',
          409: 'Answered before with another code.',
          410: 'The connection has ended, or the link was replaced.',
          503: 'Kept, to be handed over on a reload.',
        }),
      },
    },
    async (request, reply) => {
      // Fastify's parser merges repeated parameters; RFC 6749, 3.1 forbids them, and the check wants to see them.
      const query = new URLSearchParams(request.url.split('?').slice(1).join('?'));
      const received = await receiveCallback(deps, request, path, query);
      if (received.outcome === 'reloaded') return sendPage(reply, reloadedPage(received.resultPath));
      return reply
        .header('referrer-policy', 'no-referrer')
        .header('cache-control', 'no-store')
        .redirect(received.resultPath, 303);
    },
  );
}

function reloadedPage(resultPath: string) {
  const { message, code } = signInProblems.invalidState();
  return messagePage({
    tone: 'neutral',
    title: message,
    sentences: ['This sign-in has been received already; reloading this page changes nothing.'],
    code,
    link: { href: resultPath, text: 'See how it went' },
  });
}
