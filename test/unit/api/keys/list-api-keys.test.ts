import { beforeEach, describe, expect, it } from 'vitest';
import type { Static } from 'typebox';
import type { ApiKeyList, NewKey } from '../../../../api/keys/schema.ts';
import { composeApp, type ComposedApp } from '../composed-app.ts';

type Made = Static<typeof NewKey>;
type Listed = Static<typeof ApiKeyList>;
type Headers = { authorization: string };

describe('the list of API keys', () => {
  let composed: ComposedApp;
  let admin: Headers;
  beforeEach(async () => {
    composed = await composeApp();
    admin = await composed.keyFor('acme', 'admin');
  });
  const call = async (headers: Headers, path = '') =>
    await composed.app.inject({ url: `/v1/api-keys${path}`, headers });
  const made = async (body: object = {}): Promise<Made> => {
    const payload = { name: 'ci', scopes: ['connections:read'], ...body };
    const reply = await composed.app.inject({ method: 'POST', url: '/v1/api-keys', headers: admin, payload });
    expect(reply.statusCode, reply.body).toBe(201);
    return reply.json<Made>();
  };
  const idOf = ({ authorization }: Headers): string => authorization.split('_')[1] ?? '';

  it('the list comes in pages, each key once, and a cursor is good for its own list alone', async () => {
    const ids = [idOf(admin)];
    for (let n = 0; n < 4; n += 1) ids.push((await made()).apiKey.id);
    const pages: Listed[] = [];
    let query = '?limit=2';
    do {
      const page: Listed = (await call(admin, query)).json<Listed>();
      pages.push(page);
      query = page.nextCursor === null ? '' : `?limit=2&cursor=${page.nextCursor}`;
    } while (query !== '');
    expect(pages.map(({ items }) => items.length)).toEqual([2, 2, 1]);
    expect(pages.flatMap(({ items }) => items.map(({ id }) => id))).toEqual(ids.toSorted());
    const cursor = pages[0]?.nextCursor;
    const stranger = await composed.keyFor('umbrella', 'admin');
    for (const [headers, more] of [
      [stranger, ''],
      [admin, '&state=expired'],
    ] as const) {
      const reply = await call(headers, `?cursor=${cursor}${more}`);
      expect(reply.json()).toMatchObject({ status: 400, code: 'invalid_cursor' });
    }
  });

  it('the list is asked for keys that have expired, that are valid, or that expire soon', async () => {
    const [short, long] = [await made({ expiresInDays: 1 }), await made({ expiresInDays: 30 })];
    const { apiKey: endless } = await made({ expiresInDays: 'never' });
    composed.clock.advance(24 * 3600);
    const ids = async (query: string) => (await call(admin, query)).json<Listed>().items.map(({ id }) => id);
    expect(await ids('?state=expired')).toEqual([short.apiKey.id]);
    expect(await ids('?state=valid')).toEqual([idOf(admin), long.apiKey.id, endless.id].toSorted());
    const end = long.apiKey.expiresAt ?? '';
    expect(await ids(`?state=valid&expiresBefore=${end}`)).toEqual([]);
    expect(await ids(`?state=valid&expiresBefore=${end.replace('00.000Z', '00.001Z')}`)).toEqual([long.apiKey.id]);
    expect((await call(admin, '?state=revoked')).statusCode).toBe(400);
  });

  it('one key is read with its last use, by who manages it alone', async () => {
    const { key, apiKey } = await made();
    await composed.app.inject({ url: '/v1/providers', headers: { authorization: `Bearer ${key}` } });
    const reply = await call(admin, `/${apiKey.id}`);
    expect(reply.json()).toMatchObject({ ...apiKey, lastUsed: { address: '127.0.0.1' } });
    expect(reply.body).not.toContain(key.slice(21));
    const stranger = await composed.keyFor('umbrella', 'admin');
    expect((await call(stranger, `/${apiKey.id}`)).json()).toMatchObject({ code: 'api_key_not_found' });
  });
});
