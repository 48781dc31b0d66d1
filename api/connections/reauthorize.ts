import { Type } from 'typebox';
import type { ConnectionView } from '../../contracts/connection.ts';
import type { ReauthorizeCommand } from '../../contracts/messages.ts';
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

const Body = Type.Object(
  {
    ...InvitationTermsSchema.properties,
    allowDifferentAccount: Type.Optional(
      Type.Boolean({ default: false, description: 'Another account than the one connected before may sign in.' }),
    ),
  },
  { additionalProperties: false },
);

export function registerReauthorize(app: App, deps: AppDependencies & { readonly links: InvitationLinks }): void {
  app.post(
    '/v1/connections/:id/reauthorize',
    {
      config: { access: 'connections:write' },
      preValidation: async (request) => {
        request.body ??= {};
      },
      schema: {
        operationId: 'reauthorizeConnection',
        summary: 'Makes a link to sign in again',
        description: 'Nothing is deleted: the connection keeps its id, and its credential until the new one is proven.',
        tags: ['connections'],
        params: ConnectionParams,
        headers: IdempotencyHeaders,
        body: Body,
        response: { 201: described(InvitedSchema), ...verbProblems(413, 415, 422) },
      },
    },
    async (request, reply) => {
      await assertSameBody(deps, 'reauthorize', request);
      const { allowDifferentAccount = false, ...terms } = request.body;
      const update = await deps.connections.update<ConnectionView, ReauthorizeCommand>(
        request.params.id,
        'reauthorize',
        {
          tenant: tenantOf(request),
          ...requestIdOf('reauthorize', request.headers['idempotency-key']),
          invitation: invitationTerms(terms),
          allowDifferentAccount,
        },
      );
      return await replyWithLink(reply, deps, update, terms.passcode);
    },
  );
}
