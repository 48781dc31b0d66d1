import type { App, AppDependencies } from '../http/app-types.ts';
import { connectionReply } from './reply.ts';
import { countTryNow } from '../sign-in/limits.ts';
import { tenantOf } from '../http/plugins/authentication.ts';
import { ConnectionSchema } from './schema.ts';
import { described } from '../http/schema.ts';
import { ConnectionParams } from '../http/requests.ts';
import { verbProblems } from './route-replies.ts';

export function registerTryNow(app: App, { connections, ephemeral }: AppDependencies): void {
  app.post(
    '/v1/connections/:id/try-now',
    {
      config: { access: 'connections:write' },
      schema: {
        operationId: 'tryNow',
        summary: 'Makes the next try at once',
        description:
          'While what was granted or submitted is yet to work at the cloud; `verification` has the tries. What follows comes at the first, short intervals again. Of a connected one, upkeep looks at once whether a renewal is due.',
        tags: ['connections'],
        params: ConnectionParams,
        response: { 202: described(ConnectionSchema), ...verbProblems() },
      },
    },
    async (request, reply) => {
      const tenant = tenantOf(request);
      const { id } = request.params;
      await connections.assertOwned(tenant, id);
      await countTryNow(ephemeral, id);
      await connections.tryNow(tenant, id);
      const found = await connections.view(tenant, id);
      reply.code(202);
      return connectionReply(found.view, found);
    },
  );
}
