import { expect } from 'vitest';
import type { ConnectionsGateway } from '../../../../api/temporal/gateway.ts';
import { apiProblems } from '../../../../api/http/problem.ts';
import type { Resource } from '../../../../api/resources/schema.ts';
import type { ConnectionRef } from '../../../../contracts/connection.ts';
import { iso } from '../../../../contracts/time.ts';
import { createInventory } from '../../../../stores/inventory/inventory.ts';
import type { InventoryRow } from '../../../../stores/inventory/port.ts';
import { row as anyRow } from '../../../contract/inventory.rows.ts';
import { composeApp } from '../composed-app.ts';

export interface Page {
  readonly items: readonly Resource[];
  readonly nextCursor: string | null;
}

const refOf = (letter: string, provider: string, method: string, tenant = 'acme'): ConnectionRef => ({
  id: `con_${letter.repeat(26)}`,
  tenant,
  provider,
  region: 'r',
  method,
});
const refs = [
  refOf('a', 'ovh', 'authorization_code'),
  refOf('b', 'aws', 'role'),
  refOf('c', 'ovh', 'authorization_code', 'umbrella'),
];
/** Two connections of `acme`, of different clouds, and one of another tenant. */
export const [first, second, foreign] = refs.map(({ id }) => id) as [string, string, string];

/** A row with a value in every field. */
export const row = (id: string, changes: Partial<InventoryRow> = {}): InventoryRow =>
  anyRow(id, {
    zone: 'GRA11-a',
    createdAt: '2026-11-01T08:00:00.000Z',
    tags: { team: 'web' },
    nativeType: 'Sky::Instance',
    consoleUrl: `https://console.test/${id}`,
    ...changes,
  });

export const some = (count: number, changes: Partial<InventoryRow> = {}): InventoryRow[] =>
  Array.from({ length: count }, (_none, index) => row(`i-${index}`, changes));

/** The application with these connections; each test adds their resources itself. */
export async function accounts(standIns: Parameters<typeof composeApp>[1] = {}) {
  const connections: Pick<ConnectionsGateway, 'assertOwned' | 'ref' | 'refs'> = {
    async ref(tenant, id) {
      const ref = refs.find((each) => each.id === id && each.tenant === tenant);
      if (!ref) throw apiProblems.connectionNotFound();
      return ref;
    },
    async assertOwned(tenant, id) {
      await connections.ref(tenant, id);
    },
    refs: async (tenant) => refs.filter((each) => each.tenant === tenant),
  };
  const composed = await composeApp({}, { connections: connections as ConnectionsGateway, ...standIns });
  const headers = await composed.keyFor('acme', 'connections:read');
  const inventory = createInventory(composed.deps);
  const get = async (url: string) => await composed.app.inject({ url, headers });
  return {
    ...composed,
    inventory,
    get,
    put: async (connection: string, ...rows: readonly InventoryRow[]) => {
      const since = iso(composed.clock.now());
      for (const [kind, ofKind] of Map.groupBy(rows, (each) => each.kind)) {
        for (const [project, all] of Map.groupBy(ofKind, (each) => each.project)) {
          await inventory.replace({ connection, epoch: 1, kind, project }, all, 'cli', { since });
        }
      }
    },
    /** Reads all pages. Returns the ids of all rows and the size of each page. */
    walk: async (path: string, limit: number) => {
      const ids: string[] = [];
      const sizes: number[] = [];
      for (let cursor: string | null = null; ;) {
        const more: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
        const reply = await get(`${path}${path.includes('?') ? '&' : '?'}limit=${limit}${more}`);
        expect(reply.statusCode, reply.body).toBe(200);
        const page: Page = reply.json();
        ids.push(...page.items.map((item) => `${item.connection === first ? 'a' : 'b'}:${item.id}`));
        sizes.push(page.items.length);
        cursor = page.nextCursor;
        if (cursor === null) return { ids, sizes };
      }
    },
  };
}
