import type { App, AppDependencies } from '../http/app-types.ts';
import { tenantOf } from '../http/plugins/authentication.ts';
import { ConnectionParams, IdempotencyHeaders } from '../http/requests.ts';
import { requestIdOf } from '../http/request-id.ts';
import { verbReplies } from './route-replies.ts';
import { sendVerb } from './send-verb.ts';

export function registerConfirm(app: App, { connections }: AppDependencies): void {
  app.post(
    '/v1/connections/:id/confirm',
    {
      config: { access: 'connections:write' },
      schema: {
        operationId: 'confirmConnection',
        summary: 'Confirms the account that signed in',
        description: 'For invitations with `confirm`: until then nothing of the account is used.',
        tags: ['connections'],
        params: ConnectionParams,
        headers: IdempotencyHeaders,
        response: verbReplies,
      },
    },
    async (request, reply) =>
      await sendVerb(connections, reply, request.params.id, 'confirm', {
        tenant: tenantOf(request),
        ...requestIdOf('confirm', request.headers['idempotency-key']),
      }),
  );
}
