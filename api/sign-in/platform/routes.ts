import { Type } from 'typebox';
import { connectionIdPattern } from '../../../contracts/ids.ts';
import type { PlatformRoutes, ProviderManifest, RedirectMethodManifest } from '../../../providers/manifests/types.ts';
import type { ProviderCatalog } from '../../connections/provider-catalog.ts';
import { verbProblems } from '../../connections/verbs.ts';
import { askForRefresh, Refreshed } from '../../credentials/refresh.ts';
import type { App, AppDependencies } from '../../http/app-types.ts';
import { requestIdOf } from '../../http/idempotency.ts';
import { audited } from '../../http/plugins/audit.ts';
import { actorOf, tenantOf } from '../../http/principal.ts';
import { apiProblems } from '../../http/problem.ts';
import { IdempotencyHeaders } from '../../http/schema.ts';
import { registerComplete, registerCompleteAlias } from './complete.ts';
import { registerInitiate, registerInitiateAlias } from './initiate.ts';
import { registerValidate } from './validate.ts';

/** The routes for a platform's backend: for every cloud, and those by which it already knows one, from its manifest. */
export function registerPlatformSignIn(app: App, deps: AppDependencies): void {
  registerInitiate(app, deps);
  registerComplete(app, deps);
  for (const option of platformOptions(deps.providers)) {
    registerInitiateAlias(app, deps, option);
    registerCompleteAlias(app, deps, option);
    registerPlatformRefresh(app, deps, option);
    registerValidate(app, deps, option);
  }
}

export interface PlatformOption {
  readonly manifest: ProviderManifest;
  readonly method: RedirectMethodManifest;
  readonly routes: PlatformRoutes;
  /** For operation ids. */
  readonly name: string;
}

/** The methods whose manifests declare routes for platforms. */
const platformOptions = ({ all }: ProviderCatalog): PlatformOption[] =>
  all.flatMap(({ manifest }) =>
    manifest.methods.flatMap((method) =>
      method.flow === 'redirect' && method.platformRoutes
        ? [{ manifest, method, routes: method.platformRoutes, name: nameOf(manifest.id, method.id) }]
        : [],
    ),
  );

const nameOf = (...ids: readonly string[]): string =>
  ids.join('_').replaceAll(/(?:^|[^a-z0-9]+)([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());

const Body = Type.Object(
  { connection: Type.String({ pattern: connectionIdPattern }) },
  { additionalProperties: false },
);

function registerPlatformRefresh(app: App, deps: AppDependencies, { manifest, routes, name }: PlatformOption): void {
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
      audited(request, { connection });
      const { view } = await connections.view(tenant, connection);
      if (view.provider !== manifest.id) throw apiProblems.connectionNotFound();
      const { status, body } = await askForRefresh(connections, connection, {
        tenant,
        by: actorOf(request),
        ...requestIdOf('refresh', request.headers['idempotency-key']),
        minTtlSeconds: null,
      });
      reply.code(status);
      return body;
    },
  );
}
