import type { FastifyReply } from 'fastify';
import { Type, type Static } from 'typebox';
import type { ConnectionView } from '../../contracts/connection.ts';
import type { App, AppDependencies } from '../http/app-types.ts';
import { assertSameBody, requestIdOf } from '../http/idempotency.ts';
import { actorOf, tenantOf } from '../http/principal.ts';
import { optionalBody } from '../http/plugins/json-body.ts';
import { ApiProblem } from '../http/problem.ts';
import { ConnectionParams, described, IdempotencyHeaders } from '../http/schema.ts';
import type { InvitationLinks } from '../sign-in/links.ts';
import type { UpdateOutcome } from '../temporal/send-update.ts';
import {
  invitationTerms,
  InvitationTermsSchema,
  InvitedSchema,
  openInvitationReply,
  openTerms,
  type InvitationTermsRequest,
} from './invitation.ts';
import { verbProblems } from './verbs.ts';

export function registerInvite(app: App, deps: AppDependencies & { readonly links: InvitationLinks }): void {
  app.post(
    '/v1/connections/:id/invitation',
    {
      config: { access: 'connections:write' },
      preValidation: optionalBody,
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
      const tenant = tenantOf(request);
      await deps.quotas.invitation(tenant, request.params.id);
      const update = await deps.connections.update(request.params.id, 'invite', {
        tenant,
        by: actorOf(request),
        ...requestIdOf('invite', request.headers['idempotency-key']),
        invitation: await openTerms(deps.tenants, tenant, request.body),
      });
      return await replyWithLink(reply, deps, update, request.body.passcode);
    },
  );
}

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
      preValidation: optionalBody,
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
      const tenant = tenantOf(request);
      await deps.quotas.invitation(tenant, request.params.id);
      const { allowDifferentAccount = false, ...terms } = request.body;
      const update = await deps.connections.update(request.params.id, 'reauthorize', {
        tenant,
        by: actorOf(request),
        ...requestIdOf('reauthorize', request.headers['idempotency-key']),
        // No other account than the one that was confirmed before is let in, unless another one may be.
        invitation: allowDifferentAccount
          ? await openTerms(deps.tenants, tenant, terms)
          : invitationTerms(terms, false),
        allowDifferentAccount,
      });
      return await replyWithLink(reply, deps, update, terms.passcode);
    },
  );
}

/** 201 with the new link. Only the connection can assign its epoch, so without its reply there is no link. */
async function replyWithLink(
  reply: FastifyReply,
  deps: Parameters<typeof openInvitationReply>[0],
  update: UpdateOutcome<ConnectionView>,
  passcode: InvitationTermsRequest['passcode'],
): Promise<Static<typeof InvitedSchema>> {
  if (update.outcome === 'accepted') {
    throw new ApiProblem({
      status: 503,
      code: 'connection_busy',
      message: 'The connection is busy; the new link will be made, but could not be answered in time.',
      remedy: 'Repeat the request with the same Idempotency-Key to get it.',
      details: { retryAfterSeconds: 5 },
    });
  }
  reply.code(201).header('cache-control', 'no-store');
  return await openInvitationReply(deps, update.reply, passcode);
}
