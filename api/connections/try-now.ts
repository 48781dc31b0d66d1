import { ephemeralKeys } from '../../stores/ephemeral/keys.ts';
import type { EphemeralStore } from '../../stores/ephemeral/port.ts';
import type { App, AppDependencies } from '../http/app-types.ts';
import { tenantOf } from '../http/principal.ts';
import { apiProblems } from '../http/problem.ts';
import { ConnectionParams, described } from '../http/schema.ts';
import { currentReply } from './reply.ts';
import { ConnectionSchema } from './schema.ts';
import { verbProblems } from './verbs.ts';

const TRIES_NOW = 6;
const TRY_NOW_WINDOW_SECONDS = 60;

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
      reply.code(202);
      return await currentReply(connections, tenant, id);
    },
  );
}

/** Too many calls would make the cloud throttle all connections. */
export async function countTryNow(ephemeral: EphemeralStore, connection: string): Promise<void> {
  const key = ephemeralKeys.rateLimit(`try-now:${connection}`);
  const { count, resetSeconds } = await ephemeral.increment(key, TRY_NOW_WINDOW_SECONDS);
  if (count > TRIES_NOW) throw apiProblems.tooManyRequests('It was tried often enough within a minute.', resetSeconds);
}
