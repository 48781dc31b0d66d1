import { Type, type Static } from 'typebox';
import type { ConnectionInput } from '../../../../workflows/contracts/messages.ts';
import type { App, AppDependencies } from '../../../app-types.ts';
import type { Started } from '../../../connections-gateway.ts';
import { FIRST_EPOCH } from '../../../gateway/initial-view.ts';
import { connectionIdFor, randomConnectionId } from '../../../invitation/connection-id.ts';
import type { InvitationLinks } from '../../../invitation/invitation-link.ts';
import { invitationReply, invitationTerms } from '../../../invitation/invitation-reply.ts';
import { tenantOf } from '../../../plugins/authentication.ts';
import { ApiProblem, apiProblems } from '../../../problem.ts';
import { asRedirect } from '../../../provider-catalog.ts';
import { InvitationTermsSchema, InvitedSchema } from '../../../schemas/invitation.ts';
import { problemReplies } from '../../../schemas/problem.ts';
import { described } from '../../../schemas/reference.ts';
import { IdempotencyHeaders, NameSchema, TagsSchema } from '../../../schemas/requests.ts';

const Body = Type.Object(
  {
    provider: Type.String({ description: 'A cloud’s id, as GET /v1/providers has it.' }),
    region: Type.String({ description: 'The cloud’s region, endpoint or partition.' }),
    method: Type.Optional(Type.String({ description: 'How the account comes in. Default: the cloud’s first.' })),
    name: Type.Optional(NameSchema),
    tags: Type.Optional(TagsSchema),
    invitation: Type.Optional(InvitationTermsSchema),
  },
  { additionalProperties: false },
);
type Body = Static<typeof Body>;

export function registerCreate(app: App, deps: AppDependencies & { readonly links: InvitationLinks }): void {
  const { connections, providers, links, keyRing, config, randomBytes } = deps;
  app.post(
    '/v1/connections',
    {
      config: { access: 'connections:write' },
      schema: {
        operationId: 'createConnection',
        summary: 'Starts a connection',
        description:
          'Answers the link that brings the customer’s account in. With an Idempotency-Key a repeat answers 200 with the same connection and the same link.',
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
      const tenant = tenantOf(request);
      const { body } = request;
      const way = providers.choose(body.provider, body.region, body.method);
      if (!asRedirect(way, config.publicUrl)) throw methodWithoutLink(way.method.id);
      const key = request.headers['idempotency-key'];
      const input: ConnectionInput = {
        id: key === undefined ? randomConnectionId(randomBytes) : connectionIdFor(tenant, key),
        tenant,
        provider: way.manifest.id,
        region: way.region.manifest.id,
        method: way.method.id,
        name: body.name ?? null,
        tags: body.tags ?? [],
        invitation: invitationTerms(body.invitation),
        setup: {},
        discovery: way.method.discovers
          ? { intervalSeconds: config.discovery.intervalSeconds, concurrency: config.discovery.concurrency }
          : null,
      };
      const canonical = canonicalBody(input, body);
      const started = await connections.start(input, keyRing.digest('invitation', canonical), {
        providerName: way.manifest.name,
        methodName: way.method.name,
      });
      if (!started.created)
        assertSameRequest(started, input, (digest) => keyRing.matches('invitation', canonical, digest));
      reply.code(started.created ? 201 : 200).header('location', `/v1/connections/${input.id}`);
      reply.header('cache-control', 'no-store');
      // A repeat is answered with what was answered first, whatever has become of that link since.
      const expiresAt = started.request?.invitationExpiresAt ?? started.view.invitation?.expiresAt;
      const passcode = body.invitation?.passcode;
      return await invitationReply(links, started.view, {
        epoch: FIRST_EPOCH,
        expiresAt: expiresAt ?? started.view.createdAt,
        passcode,
      });
    },
  );
}

/** The request with its defaults filled in: a repeat that spells one out is the same request. */
const canonicalBody = ({ id: _id, ...input }: ConnectionInput, { invitation }: Body): string =>
  JSON.stringify([
    input.tenant,
    input.provider,
    input.region,
    input.method,
    input.name,
    input.tags,
    input.invitation,
    invitation?.passcode ?? null,
  ]);

function assertSameRequest(started: Started, input: ConnectionInput, matches: (digest: string) => boolean): void {
  const { request, view } = started;
  const same = request
    ? matches(request.digest)
    : view.provider === input.provider && view.region === input.region && view.method === input.method;
  if (!same) throw apiProblems.idempotencyKeyReused();
}

const methodWithoutLink = (method: string): ApiProblem =>
  new ApiProblem({
    status: 422,
    code: 'method_without_link',
    message: `The method '${method}' takes values instead of a sign-in; it can not be completed through a link.`,
    remedy: 'Choose a method that GET /v1/providers lists with the flow "redirect".',
  });
