import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Json } from '../../platform/json.ts';
import type { Inventory, InventoryFilter, InventoryRow } from '../../stores/inventory/port.ts';
import type { App, AppDependencies } from '../http/app-types.ts';
import { createCursors, type Cursors } from '../http/cursor.ts';
import { tenantOf } from '../http/plugins/authentication.ts';
import { problemReplies } from '../http/problem-schema.ts';
import { apiProblems } from '../http/problem.ts';
import { ConnectionParams, described } from '../http/schema.ts';
import { registerExports } from './export.ts';
import { inventoryReply, InventorySchema, ResourcePageQuery, resourceReply, ResourceSchema } from './schema.ts';

const ResourcePage = Type.Object({
  items: Type.Array(described(ResourceSchema)),
  nextCursor: Type.Union([Type.String(), Type.Null()], { description: 'Null on the last page.' }),
});

export function registerResources(app: App, deps: AppDependencies): void {
  registerListResources(app, deps);
  registerResourcesOfConnection(app, deps);
  registerInventory(app, deps);
  registerExports(app, deps);
}

function registerListResources(app: App, { connections, inventory, keyRing }: AppDependencies): void {
  const cursors = createCursors(keyRing, 'resources');
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
        querystring: ResourcePageQuery,
        response: { 200: ResourcePage, ...problemReplies(400, 401, 403, 422, 429, 503) },
      },
    },
    async (request) => {
      const tenant = tenantOf(request);
      const { limit = 100, cursor, ...filters } = request.query;
      const after = openedPlace(cursors, tenant, filters, cursor);
      const ids = await connections.ids(tenant);
      const { found, next } = await acrossConnections(inventory, ids, filters, after, limit);
      return {
        items: found.map(({ connection, row }) => resourceReply(connection, row)),
        nextCursor: sealedPlace(cursors, tenant, filters, next),
      };
    },
  );
}

function registerResourcesOfConnection(app: App, { connections, inventory, keyRing }: AppDependencies): void {
  const cursors = createCursors(keyRing, 'resources-of-connection');
  app.get(
    '/v1/connections/:id/resources',
    {
      config: { access: 'connections:read' },
      schema: {
        operationId: 'listResourcesOfConnection',
        summary: 'Resources of a connection',
        description: 'As they were last listed, by kind, project and name. The inventory says how fresh they are.',
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
      const after = openedPlace(cursors, tenant, bound, cursor);
      await connections.assertOwned(tenant, id);
      const { rows, next } = await inventory.page(id, filters, after, limit);
      return {
        items: rows.map((row) => resourceReply(id, row)),
        nextCursor: sealedPlace(cursors, tenant, bound, next),
      };
    },
  );
}

function registerInventory(app: App, { connections, inventory }: AppDependencies): void {
  app.get(
    '/v1/connections/:id/inventory',
    {
      config: { access: 'connections:read' },
      schema: {
        operationId: 'getInventory',
        summary: 'What is known of an account, and how fresh it is',
        description: 'Counts, freshness and the last problem, by kind and project.',
        tags: ['resources'],
        params: ConnectionParams,
        response: { 200: described(InventorySchema), ...problemReplies(400, 401, 403, 404, 429, 503) },
      },
    },
    async (request) => {
      const { id } = request.params;
      await connections.assertOwned(tenantOf(request), id);
      return inventoryReply(await inventory.partitions(id));
    },
  );
}

/** A place in an inventory as a cursor, and back. */
const sealedPlace = (cursors: Cursors, tenant: string, filters: object, place: Json | null): string | null =>
  place === null ? null : cursors.seal(tenant, filters, Buffer.from(JSON.stringify(place)));

const openedPlace = (cursors: Cursors, tenant: string, filters: object, cursor: string | undefined): Json | null =>
  cursor === undefined ? null : (JSON.parse(Buffer.from(cursors.open(tenant, filters, cursor)).toString()) as Json);

/** The most connections that are read for one page, so that a filter with few matches does not read thousands. */
const CONNECTIONS_A_PAGE = 200;

/** Where a page ended: after a row of a connection, or (`after` null) after all its rows. */
const Place = Type.Object({ connection: Type.String(), after: Type.Unknown() });

export interface AcrossPage {
  readonly found: readonly { readonly connection: string; readonly row: InventoryRow }[];
  /** Null = that was all. A page may be short, or empty, and have another behind it. */
  readonly next: Json | null;
}

/** A page of the resources of several connections, one after the other. `ids` are in order. */
async function acrossConnections(
  inventory: Pick<Inventory, 'page'>,
  ids: readonly string[],
  filter: InventoryFilter,
  after: Json | null,
  limit: number,
): Promise<AcrossPage> {
  const place = after === null ? undefined : placeOf(after);
  const left = place
    ? ids.filter((id) => id > place.connection || (id === place.connection && place.after !== null))
    : ids;
  const found: AcrossPage['found'][number][] = [];
  for (const [index, connection] of left.entries()) {
    const begun = connection === place?.connection ? place.after : null;
    const page = await inventory.page(connection, filter, begun, limit - found.length);
    found.push(...page.rows.map((row) => ({ connection, row })));
    if (page.next !== null) return { found, next: { connection, after: page.next } };
    const isEnough = found.length >= limit || index + 1 >= CONNECTIONS_A_PAGE;
    if (isEnough) return { found, next: index + 1 < left.length ? { connection, after: null } : null };
  }
  return { found, next: null };
}

function placeOf(json: Json): { connection: string; after: Json } {
  if (!Value.Check(Place, json)) throw apiProblems.invalidCursor();
  return { connection: json.connection, after: json.after as Json };
}
