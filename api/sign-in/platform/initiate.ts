import { Type } from 'typebox';
import { FIRST_EPOCH } from '../../../contracts/connection-view.ts';
import { connectionReply } from '../../connections/reply.ts';
import { ConnectionSchema } from '../../connections/schema.ts';
import { startConnection } from '../../connections/start-connection.ts';
import type { App, AppDependencies } from '../../http/app-types.ts';
import { tenantOf } from '../../http/plugins/authentication.ts';
import { problemReplies } from '../../http/problem-schema.ts';
import { described, IdempotencyHeaders, NameSchema, TagsSchema } from '../../http/schema.ts';
import { createPlatformLinks, platformProblems } from './link.ts';
import type { PlatformOption } from './routes.ts';

/** The user signs in now, so a connection without a sign-in need not be kept for weeks. */
const LIFETIME_SECONDS = 3600;

const Body = Type.Object(
  {
    endpoint: Type.String({ description: 'The cloud’s region, endpoint or partition.' }),
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
  },
  { additionalProperties: false },
);

const Initiated = Type.Object({
  connection: described(ConnectionSchema),
  authorizationUrl: Type.String({ format: 'uri', description: 'Send the browser there; it leads on to the cloud.' }),
  expiresAt: Type.String({ format: 'date-time', description: 'When that address stops working.' }),
});

export function registerInitiate(
  app: App,
  deps: AppDependencies,
  { manifest, method, routes, name }: PlatformOption,
): void {
  const { config, providers, tenants } = deps;
  const links = createPlatformLinks({ ...deps, publicUrl: config.publicUrl });
  app.post(
    routes.initiate,
    {
      config: { access: 'connections:write' },
      schema: {
        operationId: `initiate${name}`,
        summary: 'Begins a sign-in of your own user',
        description:
          'Starts a connection whose sign-in only your backend can complete, with the same session key. Answers an address on this origin for the browser.',
        tags: ['platform'],
        headers: IdempotencyHeaders,
        body: Body,
        response: { 200: Initiated, 201: Initiated, ...problemReplies(400, 401, 403, 409, 413, 415, 422, 429, 503) },
      },
    },
    async (request, reply) => {
      const tenant = tenantOf(request);
      const { body } = request;
      const option = providers.choose(manifest.id, body.endpoint, method.id);
      const allowed = (await tenants.read(tenant))?.platformRedirectUris ?? [];
      if (!allowed.includes(body.redirectUri)) throw platformProblems.redirectNotAllowed();
      const { created, view } = await startConnection(deps, {
        tenant,
        option,
        name: body.name ?? null,
        tags: body.tags ?? [],
        invitation: { lifetimeSeconds: LIFETIME_SECONDS },
        idempotencyKey: request.headers['idempotency-key'],
        // The same Idempotency-Key must not give a link for another redirect URI or session.
        bound: JSON.stringify(['platform', body.redirectUri, body.sessionKey]),
      });
      const link = await links.make({
        connection: view.id,
        epoch: FIRST_EPOCH,
        redirectUri: body.redirectUri,
        sessionKey: body.sessionKey,
      });
      reply.code(created ? 201 : 200).header('cache-control', 'no-store');
      return { connection: connectionReply(view), authorizationUrl: link.url, expiresAt: link.expiresAt };
    },
  );
}
