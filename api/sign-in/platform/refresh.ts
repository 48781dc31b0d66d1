import { Type } from 'typebox';
import { connectionIdPattern } from '../../../contracts/ids.ts';
import type { App, AppDependencies } from '../../http/app-types.ts';
import { tenantOf } from '../../http/plugins/authentication.ts';
import { apiProblems } from '../../http/problem.ts';
import { IdempotencyHeaders } from '../../http/requests.ts';
import { askForRefresh, Refreshed } from '../../credentials/refresh.ts';
import { requestIdOf } from '../../http/request-id.ts';
import { verbProblems } from '../../connections/route-replies.ts';
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
