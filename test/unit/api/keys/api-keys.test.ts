import { beforeEach, describe, expect, it } from 'vitest';
import type { Static } from 'typebox';
import type { ApiKeyList, NewKey } from '../../../../api/keys/schema.ts';
import { SecretStoreUnavailable } from '../../../../stores/secrets/port.ts';
import { bearer, composeApp, type ComposedApp } from '../composed-app.ts';

type Made = Static<typeof NewKey>;
type Listed = Static<typeof ApiKeyList>;
type Headers = { authorization: string };

describe('/v1/api-keys', () => {
  let composed: ComposedApp;
  let admin: Headers;
  beforeEach(async () => {
    composed = await composeApp();
    admin = await composed.keyFor('acme', 'admin');
  });
  const call = async (headers: Headers, method: 'GET' | 'POST' | 'DELETE', path = '', payload?: object) =>
    await composed.app.inject({ method, url: `/v1/api-keys${path}`, headers, ...(payload && { payload }) });
  const make = async (headers: Headers, body: object = {}) =>
    await call(headers, 'POST', '', { name: 'ci', scopes: ['connections:read'], ...body });
  const made = async (headers: Headers, body?: object): Promise<Made> => {
    const reply = await make(headers, body);
    expect(reply.statusCode, reply.body).toBe(201);
    return reply.json<Made>();
  };
  const use = async (key: string, url = '/v1/providers') =>
    (await composed.app.inject({ url, headers: { authorization: `Bearer ${key}` } })).statusCode;
  const idOf = ({ authorization }: Headers): string => authorization.split('_')[1] ?? '';

  it('a key that a tenant makes is shown once, works for its tenant, and expires after 90 days', async () => {
    const reply = await make(admin);
    expect(reply.headers['cache-control']).toBe('no-store');
    const { key, apiKey } = reply.json<Made>();
    expect(apiKey).toMatchObject({
      tenant: 'acme',
      name: 'ci',
      scopes: ['connections:read'],
      createdBy: idOf(admin),
      expiresAt: '2027-02-21T08:00:00.000Z',
      allowedAddresses: [],
      replacedBy: null,
      lastUsed: null,
    });
    expect(await use(key)).toBe(200);
    const list = await call(admin, 'GET');
    expect(
      list
        .json<Listed>()
        .items.map(({ id }) => id)
        .toSorted(),
    ).toEqual([apiKey.id, idOf(admin)].toSorted());
    expect(list.body + composed.log()).not.toContain(key.slice(21));
    composed.clock.advance(90 * 24 * 3600);
    expect(await use(key)).toBe(401);
  });

  it('a key expires as asked for, and never only by that word', async () => {
    const expiry = async (expiresInDays: unknown) => (await made(admin, { expiresInDays })).apiKey.expiresAt;
    expect(await expiry(7)).toBe('2026-11-30T08:00:00.000Z');
    expect(await expiry('never')).toBeNull();
    for (const expiresInDays of [0, 3_651, 'forever', null, '90']) {
      expect((await make(admin, { expiresInDays })).statusCode).toBe(400);
    }
  });

  it('a key grants no scope that it does not have', async () => {
    const manager = await composed.keyFor('acme', 'keys:write', 'connections:read');
    expect((await make(manager, { scopes: ['connections:read', 'keys:write'] })).statusCode).toBe(201);
    for (const scope of ['connections:write', 'credentials:read', 'admin']) {
      const reply = await make(manager, { scopes: ['connections:read', scope] });
      expect(reply.json()).toMatchObject({
        status: 403,
        code: 'scope_not_held',
        detail: expect.stringContaining(scope),
      });
    }
    for (const scope of ['admin', 'credentials:read'])
      expect((await make(admin, { scopes: [scope] })).statusCode).toBe(201);
  });

  it('no key has scopes of a tenant and of an operator, whoever makes it', async () => {
    const operator = await composed.operatorKey('operator:keys', 'operator:decode');
    for (const body of [
      { scopes: ['operator:decode'], tenant: 'acme' },
      { scopes: ['connections:read'] },
      { scopes: ['connections:read', 'operator:keys'] },
    ]) {
      expect((await make(operator, body)).json()).toMatchObject({ status: 400, code: 'invalid_request' });
    }
    expect((await make(admin, { scopes: ['operator:metrics'] })).json()).toMatchObject({ status: 400 });
  });

  it('a key of a tenant sees, rotates and revokes no key of another tenant or of an operator', async () => {
    const stranger = await composed.keyFor('umbrella', 'admin');
    const operator = await composed.operatorKey('operator:keys');
    for (const id of [idOf(admin), idOf(operator)]) {
      const unknown = '0'.repeat(16);
      for (const [method, path] of [
        ['POST', '/rotate'],
        ['DELETE', ''],
      ] as const) {
        const [theirs, none] = [
          await call(stranger, method, `/${id}${path}`),
          await call(stranger, method, `/${unknown}${path}`),
        ];
        expect(theirs.statusCode).toBe(404);
        expect({ ...theirs.json<object>(), requestId: '' }).toEqual({ ...none.json<object>(), requestId: '' });
      }
    }
    expect((await call(stranger, 'GET')).json<Listed>().items.map(({ id }) => id)).toEqual([idOf(stranger)]);
    for (const reply of [await call(stranger, 'GET', '?tenant=acme'), await make(stranger, { tenant: 'acme' })]) {
      expect(reply.json()).toMatchObject({ status: 403, code: 'foreign_tenant' });
    }
    expect(await use(admin.authorization.slice(7))).toBe(200);
  });

  it('an operator makes keys for a tenant, which is made where it is new and named, and keys for operators', async () => {
    const operator = await composed.operatorKey('operator:keys', 'operator:metrics');
    const scopes = ['admin'];
    expect((await make(operator, { scopes, tenant: 'new' })).json()).toMatchObject({
      status: 404,
      code: 'tenant_not_found',
    });
    const first = await made(operator, { scopes, tenant: 'new', tenantDisplayName: 'New Ltd' });
    expect(first.apiKey).toMatchObject({ tenant: 'new', scopes });
    await made(operator, { scopes, tenant: 'new', tenantDisplayName: 'Somebody else' });
    expect(await composed.deps.tenants.read('new')).toMatchObject({
      displayName: 'New Ltd',
      platformRedirectUris: [],
      confirmsInvitations: true,
    });
    const scraper = await made(operator, { scopes: ['operator:metrics'] });
    expect(scraper.apiKey.tenant).toBeNull();
    expect((await make(operator, { scopes: ['operator:decode'] })).json()).toMatchObject({ code: 'scope_not_held' });
    expect((await call(operator, 'GET', '?tenant=new')).json<Listed>().items).toHaveLength(2);
    expect(
      (await call(operator, 'GET'))
        .json<Listed>()
        .items.map(({ id }) => id)
        .toSorted(),
    ).toEqual([idOf(operator), scraper.apiKey.id].toSorted());
    expect((await call(operator, 'DELETE', `/${first.apiKey.id}`)).statusCode).toBe(204);
    expect(await use(first.key)).toBe(401);
  });

  it('a key that is bound to addresses makes only keys that are bound to them', async () => {
    const bound = bearer(
      await composed.deps.apiKeys.create({
        tenant: 'acme',
        scopes: ['admin'],
        name: 'bound',
        expiresAt: null,
        allowedAddresses: ['127.0.0.0/8'],
      }),
    );
    expect((await made(bound)).apiKey.allowedAddresses).toEqual(['127.0.0.0/8']);
    expect((await made(bound, { allowedAddresses: ['127.0.0.1'] })).apiKey.allowedAddresses).toEqual(['127.0.0.1']);
    for (const allowedAddresses of [[], ['0.0.0.0/0'], ['127.0.0.1', '192.0.2.1']]) {
      expect((await make(bound, { allowedAddresses })).json()).toMatchObject({ code: 'addresses_not_held' });
    }
    expect((await call(bound, 'POST', `/${idOf(admin)}/rotate`)).json()).toMatchObject({ code: 'addresses_not_held' });
    expect((await make(admin, { allowedAddresses: ['192.0.2.0/40'] })).json()).toMatchObject({
      status: 400,
      errors: [expect.stringContaining('192.0.2.0/40')],
    });
  });

  it('the list says when and from where a key was used last', async () => {
    await call(admin, 'GET');
    const [own] = (await call(admin, 'GET')).json<Listed>().items;
    expect(own?.lastUsed).toEqual({ at: '2026-11-23T08:00:00.000Z', address: '127.0.0.1' });
  });

  it('after a rotation the old key is good for a day, and the new one for as long as the old one was made for', async () => {
    const old = await made(admin, { expiresInDays: 30, allowedAddresses: ['127.0.0.1'] });
    composed.clock.advance(10 * 24 * 3600);
    const reply = await call(admin, 'POST', `/${old.apiKey.id}/rotate`);
    expect(reply.statusCode, reply.body).toBe(201);
    const { key, apiKey } = reply.json<Made>();
    expect(apiKey).toMatchObject({
      scopes: old.apiKey.scopes,
      allowedAddresses: ['127.0.0.1'],
      createdBy: idOf(admin),
      expiresAt: '2027-01-02T08:00:00.000Z',
    });
    const items = (await call(admin, 'GET')).json<Listed>().items;
    expect(items.find(({ id }) => id === old.apiKey.id)).toMatchObject({
      expiresAt: '2026-12-04T08:00:00.000Z',
      replacedBy: apiKey.id,
    });
    composed.clock.advance(24 * 3600 - 1);
    expect([await use(old.key), await use(key)]).toEqual([200, 200]);
    composed.clock.advance(1);
    expect([await use(old.key), await use(key)]).toEqual([401, 200]);
  });

  it('the overlap of a rotation is bounded, may be none, and makes no key live longer', async () => {
    const rotated = async (body: object, expiresInDays: unknown = 'never') => {
      const { key, apiKey } = await made(admin, { expiresInDays });
      expect(await use(key)).toBe(200);
      const reply = await call(admin, 'POST', `/${apiKey.id}/rotate`, body);
      return { reply, key, stored: await composed.deps.apiKeys.read(apiKey.id) };
    };
    expect((await rotated({ overlapHours: 169 })).reply.statusCode).toBe(400);
    const atOnce = await rotated({ overlapHours: 0 });
    expect(await use(atOnce.key)).toBe(401);
    const ending = await rotated({ overlapHours: 168 }, 1);
    expect(ending.stored?.apiKey.expiresAt).toBe('2026-11-24T08:00:00.000Z');
  });

  it('a key is not rotated by a key with fewer scopes, which would get its rights', async () => {
    const manager = await composed.keyFor('acme', 'keys:write', 'connections:read');
    const reply = await call(manager, 'POST', `/${idOf(admin)}/rotate`);
    expect(reply.json()).toMatchObject({ status: 403, code: 'scope_not_held' });
    expect((await call(manager, 'GET')).json<Listed>().items).toHaveLength(2);
  });

  it('a key that was rotated or has expired is not rotated again', async () => {
    const { apiKey } = await made(admin, { expiresInDays: 1 });
    const next = (await call(admin, 'POST', `/${apiKey.id}/rotate`)).json<Made>();
    expect((await call(admin, 'POST', `/${apiKey.id}/rotate`)).json()).toMatchObject({
      status: 409,
      code: 'api_key_replaced',
      detail: expect.stringContaining(next.apiKey.id),
    });
    composed.clock.advance(24 * 3600);
    expect((await call(admin, 'POST', `/${next.apiKey.id}/rotate`)).json()).toMatchObject({
      status: 409,
      code: 'api_key_expired',
    });
  });

  it('a revoked key is refused at once, although it was used a moment ago', async () => {
    const { key, apiKey } = await made(admin);
    expect(await use(key)).toBe(200);
    expect((await call(admin, 'DELETE', `/${apiKey.id}`)).statusCode).toBe(204);
    expect(await use(key)).toBe(401);
    expect((await call(admin, 'DELETE', `/${apiKey.id}`)).json()).toMatchObject({
      status: 404,
      code: 'api_key_not_found',
    });
  });

  it('where the secret store forbids to change keys, the answer says who makes them', async () => {
    const forbids = async () =>
      await Promise.reject(new SecretStoreUnavailable('403', { ambiguous: false, forbidden: true }));
    const { deps } = composed;
    const { app } = await composeApp(
      {},
      { apiKeys: { ...deps.apiKeys, create: forbids, rotate: forbids, revoke: forbids } },
    );
    const calls = [
      ['POST', '', { name: 'ci', scopes: ['admin'] }],
      ['POST', `/${idOf(admin)}/rotate`, {}],
      ['DELETE', `/${idOf(admin)}`, undefined],
    ] as const;
    for (const [method, path, payload] of calls) {
      const reply = await app.inject({
        method,
        url: `/v1/api-keys${path}`,
        headers: admin,
        ...(payload && { payload }),
      });
      expect(reply.json()).toMatchObject({
        status: 501,
        code: 'keys_managed_elsewhere',
        remedy: expect.stringContaining('new-api-key.sh'),
      });
    }
  });
});
