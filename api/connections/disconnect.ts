import type { ConnectionView } from '../../contracts/connection.ts';
import type { Command } from '../../contracts/messages.ts';
import type { App, AppDependencies } from '../http/app-types.ts';
import { connectionReply } from './reply.ts';
import { tenantOf } from '../http/plugins/authentication.ts';
import { ApiProblem } from '../http/problem.ts';
import { ConnectionSchema } from './schema.ts';
import { described } from '../http/schema.ts';
import { ConnectionParams } from '../http/requests.ts';
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
