import { asRedirect } from '../../connections/provider-catalog.ts';
import type { App } from '../../http/app-types.ts';
import { pageReplies, TokenParams } from '../../http/page.ts';
import { beginSignIn, countSignIn } from '../begin-sign-in.ts';
import type { SignInDependencies } from '../dependencies.ts';
import { sendClosed } from '../invitation.ts';
import { openInvitation } from '../open-invitation.ts';
import { createPlatformLinks } from './link.ts';

/**
 * Where a platform sends its user. Redirects to the cloud at once, because the platform has shown its own page. If
 * another person is tricked into opening this link, the code is never redeemed: that needs the session key of the user
 * who started it.
 */
export function registerBegin(app: App, deps: SignInDependencies): void {
  const { config, ephemeral } = deps;
  const links = createPlatformLinks({ ...deps, publicUrl: config.publicUrl });
  app.get(
    '/sign-in/:token',
    {
      config: { access: 'public', page: true, audit: 'each' },
      // A HEAD request of a link scanner must not start a sign-in.
      exposeHeadRoute: false,
      schema: {
        operationId: 'beginPlatformSignIn',
        summary: 'Leads a platform’s user to the cloud',
        description: 'Mints state and PKCE verifier for this browser and leads to the cloud’s own sign-in page.',
        tags: ['sign-in'],
        params: TokenParams,
        response: pageReplies({
          303: 'To the cloud.',
          404: 'Not a link of ours.',
          409: 'A sign-in is being checked.',
          410: 'Expired, replaced, revoked, completed or disconnected.',
          429: 'Too many tries.',
          503: 'Cannot be said, or not be connected, at present.',
        }),
      },
    },
    async (request, reply) => {
      const opened = await openInvitation({ ...deps, links }, request, request.params.token);
      if (opened.state !== 'open') return await sendClosed(reply, deps, opened);
      const { claims, view } = opened;
      const option = asRedirect(opened.option, config.publicUrl);
      if (!option) return await sendClosed(reply, deps, { state: 'unavailable', tenant: view.tenant });
      await countSignIn(ephemeral, view.id);
      const platform = { redirectUri: claims.r, sessionDigest: claims.k };
      const address = await beginSignIn(deps, request, reply, { claims, view, option, platform });
      return reply.header('cache-control', 'no-store').redirect(address, 303);
    },
  );
}
