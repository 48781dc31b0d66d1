import type { App, AppDependencies } from '../http/app-types.ts';
import { tenantOf } from '../http/plugins/authentication.ts';
import { ConnectionParams, IdempotencyHeaders } from '../http/requests.ts';
import { requestIdOf } from '../http/request-id.ts';
import { verbReplies } from './route-replies.ts';
import { sendVerb } from './send-verb.ts';

export function registerDiscover(app: App, { connections }: AppDependencies): void {
  app.post(
    '/v1/connections/:id/discover',
    {
      config: { access: 'connections:write' },
      schema: {
        operationId: 'discoverConnection',
        summary: 'Lists the resources now',
        description:
          'Joins a discovery that is under way. The connection says when it has ended; what it finds is told as events.',
        tags: ['resources'],
        params: ConnectionParams,
        headers: IdempotencyHeaders,
        response: verbReplies,
      },
    },
    async (request, reply) =>
      await sendVerb(connections, reply, request.params.id, 'discover', {
        tenant: tenantOf(request),
        ...requestIdOf('discover', request.headers['idempotency-key']),
      }),
  );
}
