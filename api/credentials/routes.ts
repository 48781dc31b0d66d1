import { Type } from 'typebox';
import type { App, AppDependencies } from '../http/app-types.ts';
import { actorOf, tenantOf } from '../http/principal.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { ConnectionParams, nullable } from '../http/schema.ts';
import { credentialDocument } from './document.ts';
import { createCredentialReader } from './reader.ts';
import { registerRefresh } from './refresh.ts';

const Query = Type.Object({
  minTtlSeconds: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 90 * 24 * 3600,
      default: 60,
      description: 'How long it must still live. It is renewed first where it would not.',
    }),
  ),
  format: Type.Optional(
    Type.String({
      pattern: '^[a-z0-9_-]{1,40}$',
      default: 'json',
      description:
        'How it is written down: as this document, or as the tools of its cloud read it (GET /v1/providers lists the formats).',
    }),
  ),
});

const CredentialReply = Type.Object(
  {
    provider: Type.String(),
    region: Type.String(),
    method: Type.String(),
    credential: Type.Record(Type.String(), Type.String(), {
      description: 'What to use it with: `access_token`, or the keys of a method without one. Never what renews it.',
    }),
    expiresAt: nullable(Type.String({ format: 'date-time' })),
    ttlSeconds: nullable(Type.Integer({ description: 'Life left at this moment; null = does not expire.' })),
    generation: Type.Integer(),
    warnings: Type.Array(Type.Object({ code: Type.String(), message: Type.String(), remedy: Type.String() }), {
      description: 'E.g. that the cloud does not answer at present.',
    }),
  },
  { description: 'A credential to use.' },
);

export function registerCredentials(app: App, deps: AppDependencies): void {
  registerGetCredentials(app, deps);
  registerRefresh(app, deps);
}

function registerGetCredentials(app: App, deps: AppDependencies): void {
  const reader = createCredentialReader(deps);
  app.get(
    '/v1/connections/:id/credentials',
    {
      config: { access: 'credentials:read', audit: 'counted' },
      schema: {
        operationId: 'getCredentials',
        summary: 'A fresh credential',
        description:
          'Straight from the secret store; works without Temporal as long as what is stored is good. While the cloud cannot be reached, the still-valid credential is served with a warning.',
        tags: ['credentials'],
        params: ConnectionParams,
        querystring: Query,
        response: {
          200: {
            description: 'A credential to use.',
            content: {
              'application/json': { schema: CredentialReply },
              'text/plain': { schema: Type.String({ description: 'In another format, as that has it.' }) },
            },
          },
          ...problemReplies(400, 401, 403, 404, 409, 422, 429, 503),
        },
      },
    },
    async (request, reply) => {
      const asker = { tenant: tenantOf(request), by: actorOf(request) };
      const lease = await reader.lease(asker, request.params.id, request.query.minTtlSeconds);
      const record = lease.record.reveal();
      const { fields, expiresAt, written } = credentialDocument(deps.providers, record, request.query.format);
      reply.header('cache-control', 'no-store');
      if (written) return reply.type(written.contentType).send(written.text);
      return {
        provider: record.provider,
        region: record.endpoint,
        method: record.auth_method,
        credential: fields,
        expiresAt,
        ttlSeconds: lease.remainingSeconds,
        generation: record.mooring.generation,
        warnings: [...lease.warnings],
      };
    },
  );
}
