import { Type, type Static } from 'typebox';
import type { RefreshCommand } from '../../contracts/messages.ts';
import { credentialReply } from '../connections/reply.ts';
import { CredentialFactsSchema } from '../connections/schema.ts';
import { verbProblems } from '../connections/verbs.ts';
import type { App, AppDependencies } from '../http/app-types.ts';
import { requestIdOf } from '../http/idempotency.ts';
import { actorOf, tenantOf } from '../http/principal.ts';
import { ConnectionParams, IdempotencyHeaders } from '../http/schema.ts';
import type { Asked, ConnectionsGateway } from '../temporal/gateway.ts';

export const Refreshed = Type.Object({
  outcome: Type.Enum(['refreshed', 'in_progress'], { description: '`in_progress`: taken in, and not over yet.' }),
  spent: Type.Boolean({ description: 'False when another’s refresh was joined.' }),
  credential: Type.Union([CredentialFactsSchema, Type.Null()]),
});

export function registerRefresh(app: App, { connections }: AppDependencies): void {
  app.post(
    '/v1/connections/:id/refresh',
    {
      config: { access: 'connections:write' },
      schema: {
        operationId: 'refreshConnection',
        summary: 'Refreshes the credential now',
        description:
          'At most once a minute. Upkeep needs no help of this: it is for when a credential has leaked, or a fault is being looked for.',
        tags: ['connections'],
        params: ConnectionParams,
        headers: IdempotencyHeaders,
        response: { 200: Refreshed, 202: Refreshed, ...verbProblems(422) },
      },
    },
    async (request, reply) => {
      const { status, body } = await askForRefresh(connections, request.params.id, {
        tenant: tenantOf(request),
        by: actorOf(request),
        ...requestIdOf('refresh', request.headers['idempotency-key']),
        minTtlSeconds: null,
      });
      reply.code(status);
      return body;
    },
  );
}

export async function askForRefresh(
  connections: ConnectionsGateway,
  id: string,
  command: Asked<RefreshCommand>,
): Promise<{ readonly status: 200 | 202; readonly body: Static<typeof Refreshed> }> {
  const update = await connections.update(id, 'refresh', command);
  if (update.outcome === 'accepted') {
    return { status: 202, body: { outcome: 'in_progress', spent: false, credential: null } };
  }
  const { spent, credential } = update.reply;
  return {
    status: 200,
    body: { outcome: 'refreshed', spent, credential: credentialReply(credential, Date.now()) },
  };
}
