import type { App, AppDependencies } from '../http/app-types.ts';
import { tenantOf } from '../http/plugins/authentication.ts';
import { ConnectionParams, IdempotencyHeaders } from '../http/requests.ts';
import { requestIdOf } from '../http/request-id.ts';
import { verbReplies } from './route-replies.ts';
import { sendVerb } from './send-verb.ts';

export function registerVerify(app: App, { connections }: AppDependencies): void {
  app.post(
    '/v1/connections/:id/verify',
    {
      config: { access: 'connections:write' },
      schema: {
        operationId: 'verifyConnection',
        summary: 'Asks the cloud whether the credential works',
        description: 'A refusal of the cloud makes the connection `action_required`; nothing is deleted.',
        tags: ['connections'],
        params: ConnectionParams,
        headers: IdempotencyHeaders,
        response: verbReplies,
      },
    },
    async (request, reply) =>
      await sendVerb(connections, reply, request.params.id, 'verify', {
        tenant: tenantOf(request),
        ...requestIdOf('verify', request.headers['idempotency-key']),
      }),
  );
}
