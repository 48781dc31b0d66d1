import type { ConnectionView } from '../../../../contracts/connection.ts';
import type { Command } from '../../../../contracts/messages.ts';
import type { App, AppDependencies } from '../../../app-types.ts';
import { connectionReply } from '../../../connection-reply.ts';
import { tenantOf } from '../../../plugins/authentication.ts';
import { ApiProblem } from '../../../problem.ts';
import { ConnectionSchema } from '../../../schemas/connection.ts';
import { described } from '../../../schemas/reference.ts';
import { ConnectionParams } from '../../../schemas/requests.ts';
import { verbProblems } from './route-replies.ts';

export function registerDisconnect(app: App, { connections }: AppDependencies): void {
  app.delete(
    '/v1/connections/:id',
    {
      config: { access: 'connections:write' },
      schema: {
        operationId: 'disconnect',
        summary: 'Disconnects',
        description:
          'Revokes at the cloud, however long that takes, destroys every stored secret, and keeps a tombstone. Repeating it is fine.',
        tags: ['connections'],
        params: ConnectionParams,
        response: { 202: described(ConnectionSchema), ...verbProblems() },
      },
    },
    async (request, reply) => {
      const tenant = tenantOf(request);
      const { id } = request.params;
      reply.code(202);
      try {
        const update = await connections.update<ConnectionView, Command>(id, 'disconnect', { tenant });
        if (update.outcome === 'served') return connectionReply(update.reply);
      } catch (error) {
        // What is gone already has what was asked for.
        if (!(error instanceof ApiProblem) || error.code !== 'connection_ended') throw error;
      }
      const found = await connections.view(tenant, id);
      return connectionReply(found.view, found);
    },
  );
}
