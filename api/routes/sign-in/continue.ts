import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { App } from '../../app-types.ts';
import { authorizeUrl, mintVerifier } from '../../invitation/authorize-url.ts';
import { countPasscodeTry, countSignIn } from '../../invitation/limits.ts';
import { openInvitation } from '../../invitation/open-invitation.ts';
import { ApiProblem } from '../../problem.ts';
import { pageReplies, TokenParams } from '../../schemas/pages.ts';
import { sendClosed, sendInvitation } from './show-invitation.ts';
import type { SignInDependencies } from '../../invitation/sign-in-dependencies.ts';

const Form = Type.Object({ passcode: Type.Optional(Type.String({ maxLength: 64 })) });

export function registerContinue(app: App, deps: SignInDependencies): void {
  const { config, ephemeral, links, states, browser, randomBytes } = deps;
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
        summary: 'Goes on to the cloud',
        description: 'Mints state and PKCE verifier for this browser and leads to the cloud’s own sign-in page.',
        tags: ['sign-in'],
        consumes: ['application/x-www-form-urlencoded'],
        params: TokenParams,
        body: Form,
        response: pageReplies({
          303: 'To the cloud.',
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
      const opened = await openInvitation({ ...deps, publicUrl: config.publicUrl }, request.params.token);
      if (opened.state !== 'open') return sendClosed(reply, opened.state);
      const { claims, view, way } = opened;
      if (claims.p !== undefined) {
        await countPasscodeTry(ephemeral, view.id, claims.e);
        if (!links.admits(claims, (request.body.passcode ?? '').trim())) {
          const passcodeProblem = 'That is not the passcode of this link. Compare it with what you were sent.';
          return await sendInvitation(reply.code(403), deps, opened, { passcodeProblem });
        }
      }
      await countSignIn(ephemeral, view.id);
      const verifier = mintVerifier(randomBytes);
      const { provider, region, method, tenant, id: connection } = view;
      const state = await states.mint({
        provider,
        region,
        method,
        tenant,
        connection,
        epoch: claims.e,
        redirectUri: way.redirectUri,
        browserHash: browser.ensure(request, reply),
        verifier,
      });
      return reply.header('cache-control', 'no-store').redirect(await authorizeUrl(way, state, verifier), 303);
    },
  );
}

/** The cookie is SameSite=Lax; this refuses what a lax browser or a sibling site lets through all the same. */
function assertSameOrigin(request: FastifyRequest, publicUrl: string): void {
  const { origin } = request.headers;
  const site = request.headers['sec-fetch-site'];
  const foreign = origin === undefined ? site !== undefined && site !== 'same-origin' : origin !== publicUrl;
  if (!foreign) return;
  throw new ApiProblem({
    status: 403,
    code: 'foreign_origin',
    message: 'The form was sent from another site.',
    remedy: 'Open the invitation link itself and press Continue there.',
  });
}
