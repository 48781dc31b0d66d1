import type { App, AppDependencies } from '../http/app-types.ts';
import { tenantOf } from '../http/plugins/authentication.ts';
import { ConnectionParams, IdempotencyHeaders } from '../http/requests.ts';
import { requestIdOf } from '../http/request-id.ts';
import { verbReplies } from './route-replies.ts';
import { sendVerb } from './send-verb.ts';

export function registerResume(app: App, { connections }: AppDependencies): void {
  app.post(
    '/v1/connections/:id/resume',
    {
      config: { access: 'connections:write' },
      schema: {
        operationId: 'resumeConnection',
        summary: 'Resumes upkeep',
        description: 'The connection goes on where it was.',
        tags: ['connections'],
        params: ConnectionParams,
        headers: IdempotencyHeaders,
        response: verbReplies,
      },
    },
    async (request, reply) =>
      await sendVerb(connections, reply, request.params.id, 'resume', {
        tenant: tenantOf(request),
        ...requestIdOf('resume', request.headers['idempotency-key']),
      }),
  );
}
