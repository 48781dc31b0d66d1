import { describe, expect, it } from 'vitest';
import type { ConnectionRef } from '../../../../contracts/connection.ts';
import { keepChanges, keepCounted } from '../../../../stores/inventory/changes.ts';
import { EphemeralStoreUnavailable } from '../../../../stores/ephemeral/port.ts';
import { accounts, first, foreign, row, second } from './accounts.ts';

const CHANGES = '/v1/resources/changes';
const none = { added: [], removed: [], changed: [] };
const refOf = (id: string, tenant = 'acme'): ConnectionRef => ({
  id,
  tenant,
  provider: 'ovh',
  region: 'r',
  method: 'm',
});

interface Page {
  readonly items: readonly { readonly id: string; readonly resource: { readonly id: string } | null }[];
  readonly nextCursor: string | null;
}

describe('the changes of resources', () => {
  it('a change says what happened to which resource, and what differs', async () => {
    const { get, deps, clock } = await accounts();
    const at = new Date(clock.now()).toISOString();
    const fields = [{ field: 'tags.team', from: 'web', to: null }];
    await keepChanges(deps, refOf(first), { ...none, added: [row('a')], changed: [{ row: row('b'), fields }] });
    const about = { at, connection: first, provider: 'ovh', kind: 'instance', reason: null, counts: null };
    const resource = { project: 'p1', region: 'GRA11' };
    expect((await get(CHANGES)).json()).toEqual({
      items: [
        {
          ...about,
          id: expect.any(String),
          change: 'added',
          resource: { ...resource, id: 'a', name: 'name of a' },
          fields: [],
        },
        {
          ...about,
          id: expect.any(String),
          change: 'changed',
          resource: { ...resource, id: 'b', name: 'name of b' },
          fields,
        },
      ],
      nextCursor: null,
    });
  });

  it('changes that are counted have how many there are of each kind, and why', async () => {
    const { get, deps } = await accounts();
    const kinds = { instance: { added: 12, removed: 0, changed: 0 } };
    await keepCounted(deps, refOf(first), { reason: 'first_discovery', kinds });
    expect((await get(CHANGES)).json()).toMatchObject({
      items: [{ change: 'counted', reason: 'first_discovery', counts: kinds, kind: null, resource: null, fields: [] }],
    });
  });

  it('changes are filtered, and read page by page with the same filters alone', async () => {
    const { get, deps, clock } = await accounts();
    await keepChanges(deps, refOf(first), { ...none, added: [row('a'), row('b'), row('v', { kind: 'volume' })] });
    clock.advance(60);
    const since = new Date(clock.now()).toISOString();
    await keepChanges(deps, refOf(second), { ...none, added: [row('c')] });
    await keepChanges(deps, refOf(foreign, 'umbrella'), { ...none, added: [row('secret')] });
    const ids = async (query: string) => {
      const { items } = (await get(`${CHANGES}?${query}`)).json<Page>();
      return items.map(({ resource }) => resource?.id);
    };
    expect(await ids('')).toEqual(['a', 'b', 'v', 'c']);
    expect(await ids(`connection=${second}`)).toEqual(['c']);
    expect(await ids('kind=volume')).toEqual(['v']);
    expect(await ids(`since=${since}`)).toEqual(['c']);
    expect(await ids(`until=${since}`)).toEqual(['a', 'b', 'v']);

    const { items, nextCursor } = (await get(`${CHANGES}?limit=2&kind=instance`)).json<Page>();
    expect(items).toHaveLength(2);
    const cursor = encodeURIComponent(nextCursor ?? '');
    expect(await ids(`limit=2&kind=instance&cursor=${cursor}`)).toEqual(['c']);
    expect((await get(`${CHANGES}?cursor=${cursor}`)).json()).toMatchObject({ status: 400, code: 'invalid_cursor' });
  });

  it.each(['since=yesterday', 'since=2026-12-31T23:59:60Z', 'connection=mine', 'kind='])(
    'a request for changes with %s is refused as invalid',
    async (query) => {
      const { get } = await accounts();
      expect((await get(`${CHANGES}?${query}`)).json()).toMatchObject({ status: 400, code: 'invalid_request' });
    },
  );

  it('a store that does not answer is told as such', async () => {
    const { deps } = await accounts();
    const readStream = () => Promise.reject(new EphemeralStoreUnavailable('down'));
    const { get } = await accounts({ ephemeral: { ...deps.ephemeral, readStream } });
    expect((await get(CHANGES)).json()).toMatchObject({ status: 503, code: 'ephemeral_store_unavailable' });
  });
});
