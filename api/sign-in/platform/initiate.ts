import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import type { Actor } from '../../../contracts/actor.ts';
import { FIRST_EPOCH } from '../../../contracts/connection-view.ts';
import { invitationTerms } from '../../connections/invitation.ts';
import type { MethodOption, ProviderCatalog } from '../../connections/provider-catalog.ts';
import { connectionReply } from '../../connections/reply.ts';
import { ConnectionSchema } from '../../connections/schema.ts';
import { startConnection } from '../../connections/start-connection.ts';
import type { App, AppDependencies } from '../../http/app-types.ts';
import { audited } from '../../http/plugins/audit.ts';
import { actorOf, tenantOf } from '../../http/principal.ts';
import { problemReplies } from '../../http/problem-schema.ts';
import { described, IdempotencyHeaders, NameSchema, TagsSchema } from '../../http/schema.ts';
import { createPlatformLinks, platformProblems } from './link.ts';
import type { PlatformOption } from './routes.ts';

/** The user signs in now, so a connection without a sign-in need not be kept for weeks. */
const asLongAsItTakes = { lifetimeSeconds: 3600 };

/** What every sign-in of a platform's own user needs. */
const asked = {
  redirectUri: Type.String({
    maxLength: 1000,
    description: 'Where the browser goes back to with `completion`; on the tenant’s list, to the letter.',
  }),
  sessionKey: Type.String({
    minLength: 16,
    maxLength: 256,
    description: 'Opaque; names the session of your user. Completing must repeat it. Only a keyed digest is kept.',
  }),
  name: Type.Optional(NameSchema),
  tags: Type.Optional(TagsSchema),
};
const Asked = Type.Object(asked);

const Body = Type.Object(
  {
    provider: Type.String({ description: 'A cloud’s id, as GET /v1/providers has it.' }),
    region: Type.String({ description: 'The cloud’s region, endpoint or partition.' }),
    method: Type.Optional(Type.String({ description: 'One with a sign-in. Default: the cloud’s first of those.' })),
    ...asked,
  },
  { additionalProperties: false },
);

const AliasBody = Type.Object(
  { endpoint: Type.String({ description: 'The cloud’s region, endpoint or partition.' }), ...asked },
  { additionalProperties: false },
);

const Initiated = Type.Object({
  connection: described(ConnectionSchema),
  authorizationUrl: Type.String({ format: 'uri', description: 'Send the browser there; it leads on to the cloud.' }),
  expiresAt: Type.String({ format: 'date-time', description: 'When that address stops working.' }),
});

const initiateSchema = {
  summary: 'Begins a sign-in of your own user',
  description:
    'Starts a connection whose sign-in only your backend can complete, with the same session key. Answers an address on this origin for the browser.',
  tags: ['platform'],
  headers: IdempotencyHeaders,
  response: { 200: Initiated, 201: Initiated, ...problemReplies(400, 401, 403, 409, 413, 415, 422, 429, 503) },
};

export function registerInitiate(app: App, deps: AppDependencies): void {
  const { providers } = deps;
  app.post(
    '/v1/platform/sign-ins',
    {
      config: { access: 'connections:write' },
      schema: { operationId: 'initiateSignIn', ...initiateSchema, body: Body },
    },
    async (request, reply) => {
      const { provider, region, method, ...body } = request.body;
      const option = providers.choose(provider, region, method ?? firstSignIn(providers, provider));
      return await answerInitiate(deps, request, reply, option, body);
    },
  );
}

/** The same under a path by which platforms already know one cloud. */
export function registerInitiateAlias(
  app: App,
  deps: AppDependencies,
  { manifest, method, routes, name }: PlatformOption,
): void {
  app.post(
    routes.initiate,
    {
      config: { access: 'connections:write' },
      schema: { operationId: `initiate${name}`, ...initiateSchema, body: AliasBody },
    },
    async (request, reply) => {
      const { endpoint, ...body } = request.body;
      const option = deps.providers.choose(manifest.id, endpoint, method.id);
      return await answerInitiate(deps, request, reply, option, body);
    },
  );
}

async function answerInitiate(
  deps: AppDependencies,
  request: FastifyRequest,
  reply: FastifyReply,
  option: MethodOption,
  body: Static<typeof Asked>,
): Promise<Static<typeof Initiated>> {
  const { created, initiated } = await initiateSignIn(deps, option, {
    ...body,
    tenant: tenantOf(request),
    by: actorOf(request),
    idempotencyKey: (request.headers as Static<typeof IdempotencyHeaders>)['idempotency-key'],
  });
  audited(request, { connection: initiated.connection.id });
  reply.code(created ? 201 : 200).header('cache-control', 'no-store');
  return initiated;
}

/** The cloud's first method with a sign-in; undefined where it has none, or is not known. */
const firstSignIn = ({ all }: ProviderCatalog, provider: string): string | undefined =>
  all.find(({ manifest }) => manifest.id === provider)?.manifest.methods.find(({ flow }) => flow === 'redirect')?.id;

interface InitiateRequest extends Static<typeof Asked> {
  readonly tenant: string;
  readonly by: Actor;
  readonly idempotencyKey: string | undefined;
}

async function initiateSignIn(
  deps: AppDependencies,
  option: MethodOption,
  { tenant, by, redirectUri, sessionKey, name, tags, idempotencyKey }: InitiateRequest,
): Promise<{ readonly created: boolean; readonly initiated: Static<typeof Initiated> }> {
  const { config, tenants } = deps;
  if (option.method.flow !== 'redirect') throw platformProblems.noSignIn(option);
  const allowed = (await tenants.read(tenant))?.platformRedirectUris ?? [];
  if (!allowed.includes(redirectUri)) throw platformProblems.redirectNotAllowed();
  const { created, view } = await startConnection(deps, {
    tenant,
    by,
    option,
    name: name ?? null,
    tags: tags ?? [],
    invitation: asLongAsItTakes,
    // The platform confirms its user by the session key.
    terms: invitationTerms(asLongAsItTakes, false),
    discovers: true,
    idempotencyKey,
    // The same Idempotency-Key must not give a link for another redirect URI or session.
    bound: JSON.stringify(['platform', redirectUri, sessionKey]),
  });
  const links = createPlatformLinks({ ...deps, publicUrl: config.publicUrl });
  const link = await links.make({ connection: view.id, epoch: FIRST_EPOCH, redirectUri, sessionKey });
  return {
    created,
    initiated: { connection: connectionReply(view), authorizationUrl: link.url, expiresAt: link.expiresAt },
  };
}
