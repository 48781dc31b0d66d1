import { Type } from 'typebox';
import { FIRST_EPOCH } from '../../contracts/connection-view.ts';
import type { App, AppDependencies } from '../http/app-types.ts';
import { audited } from '../http/plugins/audit.ts';
import { actorOf, tenantOf } from '../http/principal.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { described, IdempotencyHeaders, NameSchema, TagsSchema } from '../http/schema.ts';
import type { InvitationLinks } from '../sign-in/links.ts';
import { invitationReply, InvitationTermsSchema, InvitedSchema, openTerms } from './invitation.ts';
import { startConnection } from './start-connection.ts';

const Body = Type.Object(
  {
    provider: Type.String({ description: 'A cloud’s id, as GET /v1/providers has it.' }),
    region: Type.String({ description: 'The cloud’s region, endpoint or partition.' }),
    method: Type.Optional(Type.String({ description: 'How the account comes in. Default: the cloud’s first.' })),
    name: Type.Optional(NameSchema),
    tags: Type.Optional(TagsSchema),
    invitation: Type.Optional(InvitationTermsSchema),
    discover: Type.Optional(
      Type.Boolean({
        description: 'False: nothing of the account is listed, ever. Default: true, where the method can.',
      }),
    ),
  },
  { additionalProperties: false },
);

export function registerCreate(app: App, deps: AppDependencies & { readonly links: InvitationLinks }): void {
  const { providers, tenants } = deps;
  app.post(
    '/v1/connections',
    {
      config: { access: 'connections:write' },
      schema: {
        operationId: 'createConnection',
        summary: 'Starts a connection',
        description:
          'Answers the link that brings the customer’s account in, and what the customer must know and give, for a page of your own. With an Idempotency-Key a repeat answers 200 with the same connection and the same link.',
        tags: ['connections'],
        headers: IdempotencyHeaders,
        body: Body,
        response: {
          200: described(InvitedSchema),
          201: described(InvitedSchema),
          ...problemReplies(400, 401, 403, 409, 413, 415, 422, 429, 503),
        },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const tenant = tenantOf(request);
      const option = providers.choose(body.provider, body.region, body.method);
      const started = await startConnection(deps, {
        tenant,
        by: actorOf(request),
        option,
        name: body.name ?? null,
        tags: body.tags ?? [],
        invitation: body.invitation,
        terms: await openTerms(tenants, tenant, body.invitation),
        discovers: body.discover ?? true,
        idempotencyKey: request.headers['idempotency-key'],
      });
      audited(request, { connection: started.view.id });
      reply.code(started.created ? 201 : 200).header('location', `/v1/connections/${started.view.id}`);
      reply.header('cache-control', 'no-store');
      // A repeated request gets the same link as the first, even if that link is no longer open.
      const expiresAt = started.request?.invitationExpiresAt ?? started.view.invitation?.expiresAt;
      const passcode = body.invitation?.passcode;
      return await invitationReply(deps, started.view, {
        epoch: FIRST_EPOCH,
        expiresAt: expiresAt ?? started.view.createdAt,
        passcode,
      });
    },
  );
}
