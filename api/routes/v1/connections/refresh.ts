import { Type } from 'typebox';
import type { RefreshCommand, RefreshReply } from '../../../../workflows/contracts/messages.ts';
import type { App, AppDependencies } from '../../../app-types.ts';
import { tenantOf } from '../../../plugins/authentication.ts';
import { CredentialFactsSchema } from '../../../schemas/connection.ts';
import { ConnectionParams, IdempotencyHeaders } from '../../../schemas/requests.ts';
import { requestIdOf } from './request-id.ts';
import { verbProblems } from './route-replies.ts';

const Refreshed = Type.Object({
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
      const tenant = tenantOf(request);
      const { id } = request.params;
      const update = await connections.update<RefreshReply, RefreshCommand>(id, 'refresh', {
        tenant,
        ...requestIdOf('refresh', request.headers['idempotency-key']),
        minTtlSeconds: null,
      });
      if (update.outcome === 'accepted') {
        return await reply.code(202).send({ outcome: 'in_progress', spent: false, credential: null });
      }
      const { spent, credential } = update.reply;
      return { outcome: 'refreshed' as const, spent, credential: { ...credential, scopes: [...credential.scopes] } };
    },
  );
}
