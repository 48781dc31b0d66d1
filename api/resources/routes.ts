import { Type } from 'typebox';
import type { Json } from '../../platform/json.ts';
import type { App, AppDependencies } from '../http/app-types.ts';
import { createCursors } from '../http/cursor.ts';
import { tenantOf } from '../http/principal.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { ConnectionParams, described } from '../http/schema.ts';
import { acrossConnections } from './across.ts';
import { registerChanges } from './changes.ts';
import { registerExports } from './export.ts';
import { resourcesPage } from './freshness.ts';
import { registerInventory } from './inventory.ts';
import { registerPermissions } from './permissions.ts';
import { createPlaces } from './places.ts';
import { AcrossPageQuery, ResourcePageQuery, ResourceSchema } from './schema.ts';
import { registerSummary } from './summary.ts';

const ResourcePage = Type.Object({
  items: Type.Array(described(ResourceSchema)),
  nextCursor: Type.Union([Type.String(), Type.Null()], { description: 'Null on the last page.' }),
});

export function registerResources(app: App, deps: AppDependencies): void {
  registerListResources(app, deps);
  registerResourcesOfConnection(app, deps);
  registerInventory(app, deps);
  registerPermissions(app, deps);
  registerSummary(app, deps);
  registerChanges(app, deps);
  registerExports(app, deps);
}

function registerListResources(app: App, { connections, inventory, keyRing }: AppDependencies): void {
  const places = createPlaces(createCursors(keyRing, 'resources'));
  app.get(
    '/v1/resources',
    {
      config: { access: 'connections:read' },
      schema: {
        operationId: 'listResources',
        summary: 'Resources across all connections',
        description:
          'Connection by connection; within one by kind, project and name. A page may be short, or empty, and have another behind it: go on until `nextCursor` is null.',
        tags: ['resources'],
        querystring: AcrossPageQuery,
        response: { 200: ResourcePage, ...problemReplies(400, 401, 403, 422, 429, 503) },
      },
    },
    async (request) => {
      const tenant = tenantOf(request);
      const { limit = 100, cursor, ...filters } = request.query;
      const after = places.open(tenant, filters, cursor);
      const { items, next } = await acrossConnections(inventory, await connections.refs(tenant), filters, after, limit);
      return { items: [...items], nextCursor: places.seal(tenant, filters, next) };
    },
  );
}

function registerResourcesOfConnection(app: App, { connections, inventory, keyRing }: AppDependencies): void {
  const places = createPlaces(createCursors(keyRing, 'resources-of-connection'));
  app.get(
    '/v1/connections/:id/resources',
    {
      config: { access: 'connections:read' },
      schema: {
        operationId: 'listResourcesOfConnection',
        summary: 'Resources of a connection',
        description:
          'As they were last listed, by kind, project and name. Rows that are older than the last try, or that lists lack since, say so.',
        tags: ['resources'],
        params: ConnectionParams,
        querystring: ResourcePageQuery,
        response: { 200: ResourcePage, ...problemReplies(400, 401, 403, 404, 429, 503) },
      },
    },
    async (request) => {
      const tenant = tenantOf(request);
      const { id } = request.params;
      const { limit = 100, cursor, ...filters } = request.query;
      const bound = { ...filters, connection: id };
      const after: Json | null = places.open(tenant, bound, cursor);
      const connection = await connections.ref(tenant, id);
      const { items, next } = await resourcesPage(inventory, connection, filters, after, limit);
      return { items: [...items], nextCursor: places.seal(tenant, bound, next) };
    },
  );
}
