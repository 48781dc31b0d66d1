import type { App, AppDependencies } from '../http/app-types.ts';
import { tenantOf } from '../http/plugins/authentication.ts';
import { ConnectionParams, IdempotencyHeaders } from '../http/requests.ts';
import { requestIdOf } from '../http/request-id.ts';
import { verbReplies } from './route-replies.ts';
import { sendVerb } from './send-verb.ts';

export function registerRevokeInvitation(app: App, { connections }: AppDependencies): void {
  app.delete(
    '/v1/connections/:id/invitation',
    {
      config: { access: 'connections:write' },
      schema: {
        operationId: 'revokeInvitation',
        summary: 'Revokes the open link',
        description: 'The link stops working at once. Without an open link nothing changes.',
        tags: ['connections'],
        params: ConnectionParams,
        headers: IdempotencyHeaders,
        response: verbReplies,
      },
    },
    async (request, reply) =>
      await sendVerb(connections, reply, request.params.id, 'revokeInvitation', {
        tenant: tenantOf(request),
        ...requestIdOf('revokeInvitation', request.headers['idempotency-key']),
      }),
  );
}
