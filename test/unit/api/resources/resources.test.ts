import { describe, expect, it } from 'vitest';
import type { ConnectionsGateway } from '../../../../api/temporal/gateway.ts';
import type { Inventory, InventoryFilter } from '../../../../stores/inventory/port.ts';
import { problem } from '../../../contract/inventory.rows.ts';
import { accounts, first, foreign, row, second, some, type Page } from './accounts.ts';

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

  it('a listed resource has every field of its inventory row except the internal key, and its cloud', async () => {
    const { put, get } = await accounts();
    await put(first, row('i-1', { summary: { flavor: 'b3-8', disks: [{ size: 25 }] } }));
    const { key: _ours, ...rest } = row('i-1', { summary: { flavor: 'b3-8', disks: [{ size: 25 }] } });
    const page = (await get(`/v1/connections/${first}/resources`)).json<Page>();
    const shown = { connection: first, provider: 'ovh', ...rest, missingSince: null, stale: null };
    expect(page).toEqual({ items: [shown], nextCursor: null });
  });

  it('a resource of a list that is older than the last try says so, since when and why', async () => {
    const { put, get, inventory, clock } = await accounts();
    await put(first, row('old'), row('new', { project: 'p2' }));
    await inventory.markStale({ connection: first, epoch: 1, kind: 'instance', project: 'p1' }, problem);
    const since = new Date(clock.now()).toISOString();
    for (const path of [`/v1/connections/${first}/resources`, '/v1/resources']) {
      const { items } = (await get(path)).json<Page>();
      expect(items.map(({ id, stale }) => [id, stale])).toEqual([
        ['old', { since, problem }],
        ['new', null],
      ]);
    }
  });

  it('a resource that lists lack, and that is not proven to be gone, says since when', async () => {
    const missingSince = '2026-11-20T08:00:00.000Z';
    const page = async () => ({ rows: [{ ...row('a'), missingSince }], partitions: [], next: null });
    const { get } = await accounts({ inventory: { page, partitions: async () => [] } });
    const { items } = (await get(`/v1/connections/${first}/resources`)).json<Page>();
    expect(items[0]).toMatchObject({ id: 'a', missingSince });
  });

  it('nothing of a row is shown but the fields that the API describes', async () => {
    const odd = { ...row('a'), missingSince: null, userData: 'hunter2' };
    const page = async () => ({ rows: [odd], partitions: [], next: null });
    const { get } = await accounts({ inventory: { page, partitions: async () => [] } });
    for (const path of ['resources', 'resources.ndjson', 'resources.csv']) {
      const { body } = await get(`/v1/connections/${first}/${path}`);
      expect(body).toContain('name of a');
      expect(body).not.toContain('hunter2');
    }
  });

  it.each([
    [`/v1/connections/${first}/resources`],
    [`/v1/connections/${first}/resources.ndjson`],
    ['/v1/resources'],
    ['/v1/resources.csv'],
  ])('%s asks the inventory with every filter that it takes', async (path) => {
    const asked: InventoryFilter[] = [];
    const page: Inventory['page'] = async (_connection, filter) => {
      asked.push(filter);
      return { rows: [], partitions: [], next: null };
    };
    const { get } = await accounts({ inventory: { page, partitions: async () => [] } });
    const filter = { kind: 'k', project: 'p', region: 'r', status: 's', tag: 'team=web', text: 't' };
    expect((await get(`${path}?${new URLSearchParams(filter).toString()}`)).statusCode).toBe(200);
    expect(asked[0]).toEqual(filter);
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

  it.each(['resources', 'inventory', 'permissions', 'resources.csv', 'resources.ndjson'])(
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

  it('the resources of a tenant are filtered by cloud, in a list and in an export', async () => {
    const { put, get } = await accounts();
    await put(first, row('of-ovh'));
    await put(second, row('of-aws'));
    const page = (await get('/v1/resources?provider=aws')).json<Page>();
    expect(page.items.map(({ id, provider }) => [id, provider])).toEqual([['of-aws', 'aws']]);
    expect((await get('/v1/resources.csv?provider=ovh')).body.split('\r\n')).toHaveLength(3);
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
      connections: {
        refs: async () => many.map((id) => ({ id, tenant: 'acme', provider: 'ovh', region: 'r', method: 'm' })),
      } as unknown as ConnectionsGateway,
      inventory: {
        page: async (connection) => {
          asked.push(connection);
          return { rows: [], partitions: [], next: null };
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
