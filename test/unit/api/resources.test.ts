import { describe, expect, it } from 'vitest';
import type { ConnectionsGateway } from '../../../api/temporal/gateway.ts';
import { apiProblems } from '../../../api/http/problem.ts';
import type { InventoryReply, Resource } from '../../../api/resources/schema.ts';
import { EphemeralStoreUnavailable } from '../../../stores/ephemeral/port.ts';
import { createInventory } from '../../../stores/inventory/inventory.ts';
import type { InventoryRow } from '../../../stores/inventory/port.ts';
import { problem, row } from '../../contract/inventory.rows.ts';
import { composeApp } from './composed-app.ts';

interface Page {
  readonly items: readonly Resource[];
  readonly nextCursor: string | null;
}
const idOf = (letter: string): string => `con_${letter.repeat(26)}`;
const [first, second, foreign] = [idOf('a'), idOf('b'), idOf('c')];

/** Two connections of `acme` and one of another tenant; each test adds their resources itself. */
async function accounts(standIns: Parameters<typeof composeApp>[1] = {}) {
  const connections: Pick<ConnectionsGateway, 'assertOwned' | 'ids'> = {
    async assertOwned(tenant, id) {
      if (tenant !== 'acme' || id === foreign) throw apiProblems.connectionNotFound();
    },
    ids: async (tenant) => (tenant === 'acme' ? [first, second] : [foreign]),
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
      for (const [kind, ofKind] of Map.groupBy(rows, (each) => each.kind)) {
        for (const [project, all] of Map.groupBy(ofKind, (each) => each.project)) {
          await inventory.replace({ connection, epoch: 1, kind, project }, all, 'cli');
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

const some = (count: number, changes: Partial<InventoryRow> = {}): InventoryRow[] =>
  Array.from({ length: count }, (_none, index) => row(`i-${index}`, changes));

describe('the resources of a connection', () => {
  it('the resources of a connection are listed page by page, each once, for any page size', async () => {
    const { put, walk } = await accounts();
    await put(first, ...some(7), ...some(3, { kind: 'volume' }));
    const whole = await walk(`/v1/connections/${first}/resources`, 100);
    expect(whole.sizes).toEqual([10]);
    for (const limit of [1, 3, 9, 10]) {
      expect((await walk(`/v1/connections/${first}/resources`, limit)).ids).toEqual(whole.ids);
    }
  });

  it.each([
    ['kind=volume', ['v']],
    ['project=p2', ['other']],
    ['region=SBG5', ['far']],
    ['status=STOPPED', ['off']],
    ['text=UNIQUE', ['named']],
    ['kind=instance&region=nowhere', []],
  ])('the resources of a connection are filtered by %s', async (query, expected) => {
    const { put, get } = await accounts();
    await put(
      first,
      row('plain'),
      row('v', { kind: 'volume' }),
      row('other', { project: 'p2' }),
      row('far', { region: 'SBG5' }),
      row('off', { status: 'STOPPED' }),
      row('named', { summary: { label: 'a unique word' } }),
    );
    const page = (await get(`/v1/connections/${first}/resources?${query}`)).json<Page>();
    expect(page.items.map(({ id }) => id)).toEqual(expected);
  });

  it('a listed resource has every field of its inventory row except the internal key', async () => {
    const { put, get } = await accounts();
    await put(first, row('i-1', { summary: { flavor: 'b3-8', disks: [{ size: 25 }] } }));
    const { key: _ours, ...rest } = row('i-1', { summary: { flavor: 'b3-8', disks: [{ size: 25 }] } });
    const page = (await get(`/v1/connections/${first}/resources`)).json<Page>();
    expect(page).toEqual({ items: [{ connection: first, ...rest }], nextCursor: null });
  });

  it('a cursor is refused with other filters, for another connection and for another list', async () => {
    const { put, get } = await accounts();
    await put(first, ...some(3));
    const { nextCursor } = (await get(`/v1/connections/${first}/resources?limit=1`)).json<Page>();
    const cursor = encodeURIComponent(nextCursor ?? '');
    for (const path of [
      `/v1/connections/${first}/resources?kind=instance&`,
      `/v1/connections/${second}/resources?`,
      '/v1/resources?',
    ]) {
      expect((await get(`${path}cursor=${cursor}`)).json()).toMatchObject({ status: 400, code: 'invalid_cursor' });
    }
  });

  it.each(['resources', 'inventory', 'resources.csv', 'resources.ndjson'])(
    'a connection of another tenant is not found: %s',
    async (part) => {
      const { get, put } = await accounts();
      await put(foreign, row('secret'));
      const reply = await get(`/v1/connections/${foreign}/${part}`);
      expect(reply.json()).toMatchObject({ status: 404, code: 'connection_not_found' });
    },
  );
});

describe('the resources of a tenant', () => {
  it('the resources of a tenant are those of all its connections and of no other tenant', async () => {
    const { put, walk } = await accounts();
    await put(first, ...some(4));
    await put(second, ...some(2));
    await put(foreign, ...some(5));
    const expected = ['a:i-0', 'a:i-1', 'a:i-2', 'a:i-3', 'b:i-0', 'b:i-1'];
    for (const limit of [1, 2, 3, 4, 5, 6, 100]) expect((await walk('/v1/resources', limit)).ids).toEqual(expected);
  });

  it('a full page that ends with the last resource of a tenant has no next cursor', async () => {
    const { put, walk } = await accounts();
    await put(first, ...some(2));
    await put(second, ...some(2));
    expect((await walk('/v1/resources', 4)).sizes).toEqual([4]);
  });

  it('paging continues after a connection whose inventory was deleted between two pages', async () => {
    const { put, get, inventory } = await accounts();
    await put(first, ...some(3));
    await put(second, row('kept'));
    const { nextCursor } = (await get('/v1/resources?limit=2')).json<Page>();
    await inventory.drop(first, 1);
    const page = (await get(`/v1/resources?cursor=${encodeURIComponent(nextCursor ?? '')}`)).json<Page>();
    expect(page.items.map(({ id }) => id)).toEqual(['kept']);
  });

  it('one request reads at most 200 connections of a tenant, and its cursor leads through all of them', async () => {
    const many = Array.from(
      { length: 450 },
      (_none, index) =>
        `con_${String(index)
          .padStart(26, 'a')
          .replaceAll(/\d/g, (digit) => 'bcdefghijk'[Number(digit)]!)}`,
    ).sort();
    const asked: string[] = [];
    const { get } = await accounts({
      connections: { ids: async () => many } as unknown as ConnectionsGateway,
      inventory: {
        page: async (connection) => {
          asked.push(connection);
          return { rows: [], next: null };
        },
        partitions: async () => [],
      },
    });
    let pages = 0;
    for (let cursor: string | null = ''; cursor !== null; pages += 1) {
      const query: string = cursor === '' ? '' : `?cursor=${encodeURIComponent(cursor)}`;
      cursor = (await get(`/v1/resources${query}`)).json<Page>().nextCursor;
      expect(asked.length).toBeLessThanOrEqual((pages + 1) * 200);
    }
    expect(pages).toBe(3);
    expect(asked).toEqual(many);
  });
});

describe('an inventory', () => {
  it('an inventory reports for each kind the time of its oldest list and how many lists are stale', async () => {
    const { put, get, clock, inventory } = await accounts();
    await put(first, row('old'));
    const oldest = new Date(clock.now()).toISOString();
    clock.advance(60_000);
    await put(first, row('new', { project: 'p2' }));
    await inventory.markStale({ connection: first, epoch: 1, kind: 'instance', project: 'p2' }, problem);
    const reply = (await get(`/v1/connections/${first}/inventory`)).json<InventoryReply>();
    expect(reply).toMatchObject({
      resources: 2,
      kinds: [{ kind: 'instance', resources: 2, listedAt: oldest, stale: 1 }],
    });
    expect(reply.kinds[0]?.partitions.map(({ project, stale }) => [project, stale?.problem ?? null])).toEqual([
      ['p1', null],
      ['p2', problem],
    ]);
  });

  it('an inventory reports no list time for a kind that was never listed completely', async () => {
    const { get, inventory, put } = await accounts();
    await put(first, row('one'));
    await inventory.markStale({ connection: first, epoch: 1, kind: 'instance', project: 'p2' }, problem);
    const reply = (await get(`/v1/connections/${first}/inventory`)).json<InventoryReply>();
    expect(reply.kinds[0]).toMatchObject({ listedAt: null, stale: 1 });
  });
});

describe('an export', () => {
  it('an NDJSON export has every resource, one JSON object per line', async () => {
    const { put, get } = await accounts();
    await put(first, ...some(1200));
    const reply = await get(`/v1/connections/${first}/resources.ndjson`);
    expect(reply.headers['content-type']).toBe('application/x-ndjson');
    expect(reply.headers['content-disposition']).toContain(`${first}.ndjson`);
    const lines = reply.body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Resource);
    expect(new Set(lines.map(({ id }) => id)).size).toBe(1200);
    expect(Object.keys(lines[0] ?? {})).not.toContain('key');
  });

  it('an export applies the filters of the list', async () => {
    const { put, get } = await accounts();
    await put(first, row('a'), row('b', { region: 'SBG5' }));
    const reply = await get(`/v1/connections/${first}/resources.csv?region=SBG5`);
    expect(reply.body.split('\r\n')).toHaveLength(3);
  });

  it('a CSV export keeps quotes, commas and line ends within their field (RFC 4180)', async () => {
    const { put, get } = await accounts();
    await put(first, row('i-1', { name: 'a "quoted", name\r\nof two lines' }));
    const { body } = await get(`/v1/connections/${first}/resources.csv`);
    expect(body).toContain('"a ""quoted"", name\r\nof two lines"');
    expect(body.startsWith('connection,kind,project,')).toBe(true);
    expect(body.endsWith('\r\n')).toBe(true);
  });

  it('a CSV export contains no formula that a spreadsheet would run', async () => {
    const { put, get } = await accounts();
    const formulas = ['=cmd|calc', '+1+1', '-2+3', '@SUM(A1)', '\t=1', '\r=1', '＝1+1'];
    await put(first, ...formulas.map((name, index) => row(`i-${index}`, { name })));
    const { body } = await get(`/v1/connections/${first}/resources.csv`);
    for (const name of formulas) expect(body).toContain(`"'${name}"`);
    expect(body).not.toMatch(/(?:^|,)"[=+\-@\t\r＝]/m);
  });

  it('an export is a problem document instead of a broken file where the store does not answer', async () => {
    const { get } = await accounts({
      inventory: { page: () => Promise.reject(new EphemeralStoreUnavailable('down')), partitions: async () => [] },
    });
    const reply = await get(`/v1/connections/${first}/resources.csv`);
    expect(reply.json()).toMatchObject({ status: 503, code: 'ephemeral_store_unavailable' });
    expect(reply.headers['content-disposition']).toBeUndefined();
  });
});
