import type { App, AppDependencies } from '../http/app-types.ts';
import { tenantOf } from '../http/plugins/authentication.ts';
import { ConnectionParams, IdempotencyHeaders } from '../http/requests.ts';
import { requestIdOf } from '../http/request-id.ts';
import { verbReplies } from './route-replies.ts';
import { sendVerb } from './send-verb.ts';

export function registerRecover(app: App, { connections }: AppDependencies): void {
  app.post(
    '/v1/connections/:id/recover',
    {
      config: { access: 'connections:write' },
      schema: {
        operationId: 'recoverConnection',
        summary: 'Goes on with a stopped connection',
        description:
          'For one whose workflow was ended from outside Mooring. What is stored is handed out and renewed again; one that never came in waits for a new invitation.',
        tags: ['connections'],
        params: ConnectionParams,
        headers: IdempotencyHeaders,
        response: verbReplies,
      },
    },
    async (request, reply) =>
      await sendVerb(connections, reply, request.params.id, 'recover', {
        tenant: tenantOf(request),
        ...requestIdOf('recover', request.headers['idempotency-key']),
      }),
  );
}
