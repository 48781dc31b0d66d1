import { Type } from 'typebox';
import { connectionIdPattern } from '../../../contracts/ids.ts';
import type { App, AppDependencies } from '../../app-types.ts';
import { tenantOf } from '../../plugins/authentication.ts';
import { apiProblems } from '../../problem.ts';
import { IdempotencyHeaders } from '../../schemas/requests.ts';
import { askForRefresh, Refreshed } from '../v1/connections/refresh.ts';
import { requestIdOf } from '../v1/connections/request-id.ts';
import { verbProblems } from '../v1/connections/route-replies.ts';
import type { PlatformWay } from './platform-ways.ts';

const Body = Type.Object(
  { connection: Type.String({ pattern: connectionIdPattern }) },
  { additionalProperties: false },
);

export function registerPlatformRefresh(
  app: App,
  deps: AppDependencies,
  { manifest, routes, name }: PlatformWay,
): void {
  const { connections } = deps;
  app.post(
    routes.refresh,
    {
      config: { access: 'connections:write' },
      schema: {
        operationId: `refresh${name}`,
        summary: 'Refreshes the credential of a connection now',
        description: 'As POST /v1/connections/{id}/refresh. Tokens are kept: GET …/credentials hands them out.',
        tags: ['platform'],
        headers: IdempotencyHeaders,
        body: Body,
        response: { 200: Refreshed, 202: Refreshed, ...verbProblems(413, 415, 422) },
      },
    },
    async (request, reply) => {
      const tenant = tenantOf(request);
      const { connection } = request.body;
      const { view } = await connections.view(tenant, connection);
      if (view.provider !== manifest.id) throw apiProblems.connectionNotFound();
      const { status, body } = await askForRefresh(connections, connection, {
        tenant,
        ...requestIdOf('refresh', request.headers['idempotency-key']),
        minTtlSeconds: null,
      });
      reply.code(status);
      return body;
    },
  );
}
