import type { FastifyReply } from 'fastify';
import type { App } from '../http/app-types.ts';
import { closedInvitationPage } from './pages/closed-invitation.ts';
import { invitationPage } from './pages/invitation.ts';
import { submissionPage, type SubmissionPage } from './pages/submission.ts';
import { sendPage } from '../http/pages/send-page.ts';
import { authorizeEndpoint } from './authorize-url.ts';
import { openInvitation, type OpenedInvitation } from './open-invitation.ts';
import type { SignInDependencies } from './sign-in-dependencies.ts';
import { policyLeadingTo } from '../http/plugins/security-headers.ts';
import { asRedirect } from '../connections/provider-catalog.ts';
import { pageReplies, TokenParams } from '../http/page-schema.ts';

export function registerShowInvitation(app: App, deps: SignInDependencies): void {
  app.get(
    '/connect/:token',
    {
      config: { access: 'public', page: true },
      schema: {
        operationId: 'showInvitation',
        summary: 'Shows an invitation',
        description: 'Who asks, for what, and until when. Renders only: link scanners open links.',
        tags: ['sign-in'],
        params: TokenParams,
        response: pageReplies({
          200: 'The invitation.',
          404: 'Not a link of ours.',
          409: 'A sign-in is being checked.',
          410: 'Expired, replaced, revoked, completed or disconnected.',
          503: 'Can not be said, or not be connected, at present.',
        }),
      },
    },
    async (request, reply) => {
      const opened = await openInvitation(deps, request.params.token);
      if (opened.state !== 'open') return sendClosed(reply, opened.state);
      return await sendInvitation(reply, deps, opened, {});
    },
  );
}

export type Open = Extract<OpenedInvitation, { state: 'open' }>;

/** What was typed, and what came of it. */
type Typed = Pick<SubmissionPage, 'passcodeProblem' | 'typed' | 'mistakes' | 'notTaken'>;

export async function sendInvitation(
  reply: FastifyReply,
  deps: SignInDependencies,
  { claims, expiresAt, view, way }: Open,
  typed: Typed,
): Promise<FastifyReply> {
  const tenant = await deps.tenants.read(view.tenant);
  const page = {
    asker: tenant?.displayName ?? view.tenant,
    way,
    view,
    expiresAt,
    passcodeRequired: claims.p !== undefined,
    ...typed,
  };
  // With "no-referrer" browsers send "Origin: null" with the form, and the check of its origin could not be made.
  reply.header('referrer-policy', 'same-origin');
  if (way.method.flow === 'form') return sendPage(reply, submissionPage({ ...page, method: way.method }));
  const redirect = asRedirect(way, deps.config.publicUrl);
  if (redirect) reply.header('content-security-policy', policyLeadingTo(authorizeEndpoint(redirect)));
  return sendPage(reply, invitationPage(page));
}

export function sendClosed(reply: FastifyReply, state: Exclude<OpenedInvitation['state'], 'open'>): FastifyReply {
  const { page, status } = closedInvitationPage(state);
  return sendPage(reply.code(status), page);
}
