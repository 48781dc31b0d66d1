import { Type } from 'typebox';
import { isoAt } from '../../../../platform/clock.ts';
import type { App, AppDependencies } from '../../../app-types.ts';
import { leasedCredential } from '../../../credential-lease.ts';
import { createCredentialReader } from '../../../credential-reader.ts';
import { tenantOf } from '../../../plugins/authentication.ts';
import { problemReplies } from '../../../schemas/problem.ts';
import { ConnectionParams } from '../../../schemas/requests.ts';

const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

const Query = Type.Object({
  minTtlSeconds: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 90 * 24 * 3600,
      default: 60,
      description: 'How long it must still live. It is renewed first where it would not.',
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
  const reader = createCredentialReader(deps);
  app.get(
    '/v1/connections/:id/credentials',
    {
      config: { access: 'credentials:read' },
      schema: {
        operationId: 'getCredentials',
        summary: 'A fresh credential',
        description:
          'Straight from the secret store; works without Temporal as long as what is stored is good. While the cloud can not be reached, the still-valid credential is served with a warning.',
        tags: ['credentials'],
        params: ConnectionParams,
        querystring: Query,
        response: { 200: CredentialReply, ...problemReplies(400, 401, 403, 404, 409, 422, 429, 503) },
      },
    },
    async (request, reply) => {
      const lease = await reader.lease(tenantOf(request), request.params.id, request.query.minTtlSeconds);
      const record = lease.record.reveal();
      const expiresAt = record.expires_at ?? null;
      reply.header('cache-control', 'no-store');
      return {
        provider: record.provider,
        region: record.endpoint,
        method: record.auth_method,
        credential: leasedCredential(record),
        expiresAt: expiresAt === null ? null : isoAt(expiresAt * 1000),
        ttlSeconds: lease.remainingSeconds,
        generation: record.mooring.generation,
        warnings: [...lease.warnings],
      };
    },
  );
}
