import type { App, AppDependencies } from '../http/app-types.ts';
import { tenantOf } from '../http/plugins/authentication.ts';
import { ConnectionParams, IdempotencyHeaders } from '../http/requests.ts';
import { requestIdOf } from '../http/request-id.ts';
import { verbReplies } from './route-replies.ts';
import { sendVerb } from './send-verb.ts';

export function registerPause(app: App, { connections }: AppDependencies): void {
  app.post(
    '/v1/connections/:id/pause',
    {
      config: { access: 'connections:write' },
      schema: {
        operationId: 'pauseConnection',
        summary: 'Pauses upkeep',
        description: 'The credential is kept and no longer renewed.',
        tags: ['connections'],
        params: ConnectionParams,
        headers: IdempotencyHeaders,
        response: verbReplies,
      },
    },
    async (request, reply) =>
      await sendVerb(connections, reply, request.params.id, 'pause', {
        tenant: tenantOf(request),
        ...requestIdOf('pause', request.headers['idempotency-key']),
      }),
  );
}
