import { Type } from 'typebox';
import type { App } from '../http/app-types.ts';
import { beginSignIn } from './begin-sign-in.ts';
import { countPasscodeTry, countSignIn } from './limits.ts';
import { openInvitation } from './open-invitation.ts';
import { assertSameOrigin } from './same-origin.ts';
import type { SignInDependencies } from './sign-in-dependencies.ts';
import { asRedirect } from '../connections/provider-catalog.ts';
import { pageReplies, TokenParams } from '../http/page-schema.ts';
import { sendClosed, sendInvitation } from './show-invitation.ts';
import { takeValues } from './submission/take-values.ts';

/** The inputs of a page are its method's; a field that comes twice would be a list. */
const Form = Type.Record(Type.String({ maxLength: 200 }), Type.String({ maxLength: 20_000 }));

export function registerContinue(app: App, deps: SignInDependencies): void {
  const { config, ephemeral, links } = deps;
  app.post(
    '/connect/:token',
    {
      config: { access: 'public', page: true },
      preValidation: async (request) => {
        request.body ??= {};
      },
      schema: {
        // The page's own form: nothing for callers of the API.
        hide: true,
        operationId: 'continueInvitation',
        summary: 'Goes on to the cloud, or takes values in',
        description:
          'Mints state and PKCE verifier for this browser and leads to the cloud’s own sign-in page; or hands over what was submitted.',
        tags: ['sign-in'],
        consumes: ['application/x-www-form-urlencoded'],
        params: TokenParams,
        body: Form,
        response: pageReplies({
          303: 'To the cloud, or to the result.',
          400: 'The form is not valid.',
          403: 'Sent from another site, or with a wrong passcode.',
          404: 'Not a link of ours.',
          409: 'A sign-in is being checked.',
          410: 'Expired, replaced, revoked, completed or disconnected.',
          415: 'Not a form.',
          429: 'Too many tries.',
          503: 'Can not be said, or not be connected, at present.',
        }),
      },
    },
    async (request, reply) => {
      assertSameOrigin(request, config.publicUrl);
      const opened = await openInvitation(deps, request.params.token);
      if (opened.state !== 'open') return sendClosed(reply, opened.state);
      const { claims, view, way } = opened;
      const { passcode = '', ...typed } = request.body;
      if (claims.p !== undefined) {
        await countPasscodeTry(ephemeral, view.id, claims.e);
        if (!links.admits(claims, passcode.trim())) {
          const passcodeProblem = 'That is not the passcode of this link. Compare it with what you were sent.';
          return await sendInvitation(reply.code(403), deps, opened, { passcodeProblem, typed });
        }
      }
      await countSignIn(ephemeral, view.id);
      reply.header('cache-control', 'no-store');
      if (way.method.flow === 'form') return await takeValues(deps, request, reply, opened, way.method, typed);
      const redirect = asRedirect(way, config.publicUrl);
      if (!redirect) return sendClosed(reply, 'unavailable');
      return reply.redirect(await beginSignIn(deps, request, reply, { claims, view, way: redirect }), 303);
    },
  );
}
