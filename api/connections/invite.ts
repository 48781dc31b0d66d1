import type { ConnectionView } from '../../contracts/connection.ts';
import type { InviteCommand } from '../../contracts/messages.ts';
import type { App, AppDependencies } from '../http/app-types.ts';
import { assertSameBody } from '../http/idempotency.ts';
import type { InvitationLinks } from '../sign-in/invitation-link.ts';
import { invitationTerms } from './invitation-reply.ts';
import { tenantOf } from '../http/plugins/authentication.ts';
import { InvitationTermsSchema, InvitedSchema } from './invitation-schema.ts';
import { described } from '../http/schema.ts';
import { ConnectionParams, IdempotencyHeaders } from '../http/requests.ts';
import { replyWithLink } from './reply-with-link.ts';
import { requestIdOf } from '../http/request-id.ts';
import { verbProblems } from './route-replies.ts';

export function registerInvite(app: App, deps: AppDependencies & { readonly links: InvitationLinks }): void {
  app.post(
    '/v1/connections/:id/invitation',
    {
      config: { access: 'connections:write' },
      preValidation: async (request) => {
        request.body ??= {};
      },
      schema: {
        operationId: 'inviteAgain',
        summary: 'Makes a new link',
        description: 'The link before it stops working at once.',
        tags: ['connections'],
        params: ConnectionParams,
        headers: IdempotencyHeaders,
        body: InvitationTermsSchema,
        response: { 201: described(InvitedSchema), ...verbProblems(413, 415, 422) },
      },
    },
    async (request, reply) => {
      await assertSameBody(deps, 'invite', request);
      const update = await deps.connections.update<ConnectionView, InviteCommand>(request.params.id, 'invite', {
        tenant: tenantOf(request),
        ...requestIdOf('invite', request.headers['idempotency-key']),
        invitation: invitationTerms(request.body),
      });
      return await replyWithLink(reply, deps, update, request.body.passcode);
    },
  );
}
