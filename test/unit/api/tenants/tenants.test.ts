import { beforeEach, describe, expect, it } from 'vitest';
import type { Static } from 'typebox';
import type { ShownTenant, TenantPage } from '../../../../api/tenants/schema.ts';
import { SecretStoreUnavailable } from '../../../../stores/secrets/port.ts';
import { composeApp, type ComposedApp } from '../composed-app.ts';

type Headers = { authorization: string };
type Listed = Static<typeof TenantPage>;

const branding = {
  logoUrl: 'https://cdn.acme.example/logo.svg',
  colour: '#7a1f5c',
  supportUrl: 'mailto:help@acme.example',
  helpText: 'Call us.\nMonday to Friday.',
};
const none = { logoUrl: null, colour: null, supportUrl: null, helpText: null };

describe('tenants over HTTP', () => {
  let composed: ComposedApp;
  let operator: Headers;
  let admin: Headers;
  beforeEach(async () => {
    composed = await composeApp();
    operator = await composed.operatorKey('operator:tenants');
    admin = await composed.keyFor('acme', 'admin');
  });
  const call = async (headers: Headers, method: 'GET' | 'POST' | 'PATCH', url: string, payload?: object) =>
    await composed.app.inject({ method, url, headers, ...(payload && { payload }) });
  const make = async (id: string, more: object = {}) =>
    await call(operator, 'POST', '/v1/tenants', { id, displayName: 'Acme GmbH', ...more });
  const made = async (id: string, more?: object): Promise<ShownTenant> => {
    const reply = await make(id, more);
    expect(reply.statusCode, reply.body).toBe(201);
    return reply.json<ShownTenant>();
  };
  const change = async (body: object, headers = operator, url = '/v1/tenants/acme') =>
    await call(headers, 'PATCH', url, body);
  const own = async (body: object, headers = admin) => await change(body, headers, '/v1/tenant');

  it('an operator makes a tenant, with what is safe for all that is not said', async () => {
    const tenant = await made('acme');
    expect(tenant).toEqual({
      id: 'acme',
      displayName: 'Acme GmbH',
      platformRedirectUris: [],
      confirmsInvitations: true,
      branding: none,
      quotas: { connections: null, submissionsPerMinute: null, validationsPerMinute: null, invitationsPerHour: null },
      limits: { connections: null, submissionsPerMinute: null, validationsPerMinute: null, invitationsPerHour: null },
      version: 1,
    });
    expect((await call(operator, 'GET', '/v1/tenants/acme')).json()).toEqual(tenant);
    const full = await made('umbrella', { branding, quotas: { connections: 5 }, confirmsInvitations: false });
    expect(full).toMatchObject({ branding, quotas: { connections: 5 }, limits: { connections: 5 } });
  });

  it('a tenant is not made twice, and none is found that was not made', async () => {
    await made('acme');
    expect((await make('acme', { displayName: 'Other' })).json()).toMatchObject({ status: 409, code: 'tenant_exists' });
    expect((await call(operator, 'GET', '/v1/tenants/acme')).json()).toMatchObject({ displayName: 'Acme GmbH' });
    for (const reply of [
      await call(operator, 'GET', '/v1/tenants/none'),
      await change({ displayName: 'x' }, operator, '/v1/tenants/none'),
      await own({ branding }, await composed.keyFor('none', 'admin')),
    ]) {
      expect(reply.json()).toMatchObject({ status: 404, code: 'tenant_not_found' });
    }
    expect((await make('Acme!')).json()).toMatchObject({ status: 400, code: 'invalid_request' });
  });

  it('tenants are listed in pages, each once, in the order of their ids', async () => {
    for (const id of ['e', 'b', 'd', 'a', 'c']) await made(id);
    const ids: string[][] = [];
    let query = '?limit=2';
    do {
      const { items, nextCursor }: Listed = (await call(operator, 'GET', `/v1/tenants${query}`)).json<Listed>();
      ids.push(items.map(({ id }) => id));
      query = nextCursor === null ? '' : `?limit=2&cursor=${nextCursor}`;
    } while (query !== '');
    expect(ids).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
    expect((await call(operator, 'GET', '/v1/tenants?cursor=x')).json()).toMatchObject({ code: 'invalid_cursor' });
  });

  it('a change keeps what it does not name, also within looks and quotas, and null takes away', async () => {
    await made('acme', { branding, quotas: { connections: 5, invitationsPerHour: 0 } });
    const changed = await change({ branding: { colour: null }, quotas: { connections: null } });
    expect(changed.json()).toMatchObject({
      displayName: 'Acme GmbH',
      branding: { ...branding, colour: null },
      quotas: { connections: null, invitationsPerHour: 0 },
      version: 2,
    });
    expect((await change({ quotas: { unknown: 1 } })).json()).toMatchObject({ status: 400, code: 'invalid_request' });
    expect((await change({ displayName: 'Acme SE' })).json()).toMatchObject({
      branding: { helpText: branding.helpText },
    });
  });

  it('a tenant changes its looks and where it may be led back to, and nothing that others trust', async () => {
    await made('acme', { quotas: { connections: 5 } });
    const platformRedirectUris = ['https://app.acme.example/done'];
    expect((await own({ branding, platformRedirectUris })).json()).toMatchObject({
      id: 'acme',
      branding,
      platformRedirectUris,
      limits: { connections: 5 },
    });
    for (const body of [
      { quotas: { connections: 0 } },
      { unknown: 1 },
      { displayName: 'Bank' },
      { confirmsInvitations: false },
    ]) {
      expect((await own(body)).json()).toMatchObject({ status: 400, code: 'invalid_request' });
    }
    const writer = await composed.keyFor('acme', 'connections:write', 'keys:write');
    for (const reply of [
      await own({ branding }, writer),
      await call(admin, 'GET', '/v1/tenants/acme'),
      await change({ branding }, admin),
      await own({ branding }, operator),
    ]) {
      expect(reply.json()).toMatchObject({ status: 403, code: 'insufficient_scope' });
    }
    expect((await call(admin, 'GET', '/v1/tenant')).json()).toMatchObject({ displayName: 'Acme GmbH', branding });
  });

  it('a change of a version that is no longer the newest is refused, and changes nothing', async () => {
    const { version } = await made('acme');
    expect((await own({ branding, version })).statusCode).toBe(200);
    const late = await change({ branding: none, version });
    expect(late.json()).toMatchObject({ status: 409, code: 'tenant_changed' });
    expect((await call(admin, 'GET', '/v1/tenant')).json()).toMatchObject({ branding });
  });

  it('of two changes at the same time none is lost: one counts, and the other is told', async () => {
    await made('acme');
    const { tenants } = composed.deps;
    const stale = await tenants.read('acme');
    await tenants.replace('acme', 1, { ...stale!, displayName: 'Acme SE' });
    const racing = await composeApp(
      {},
      { apiKeys: composed.deps.apiKeys, tenants: { ...tenants, read: async () => await Promise.resolve(stale) } },
    );
    const reply = await racing.app.inject({
      method: 'PATCH',
      url: '/v1/tenants/acme',
      headers: operator,
      payload: { branding },
    });
    expect(reply.json()).toMatchObject({ status: 409, code: 'tenant_changed' });
    expect(await tenants.read('acme')).toMatchObject({ displayName: 'Acme SE', branding: none });
  });

  it('a colour that white text cannot be read on is refused with the ratio', async () => {
    await made('acme');
    expect((await own({ branding: { colour: '#ffd700' } })).json()).toMatchObject({
      status: 400,
      code: 'invalid_request',
      detail: expect.stringContaining('"branding.colour" has a contrast of 1.40:1 with white text, and at least 4.5:1'),
    });
    // Just short of it, and shown as that.
    expect((await own({ branding: { colour: '#777777' } })).json()).toMatchObject({
      detail: expect.stringContaining('4.47:1'),
    });
    expect((await own({ branding: { colour: '#767676' } })).statusCode).toBe(200);
    expect((await own({ branding: { colour: 'red' } })).statusCode).toBe(400);
  });

  it.each([
    ['http://acme.example/logo.png', 'must be an https:// address'],
    ['https://user:pass@acme.example/logo.png', 'must not have a user name or a password in it'],
    ['https://169.254.169.254/logo.png', 'must not lead to a private or reserved IP address'],
    ['https://acme.example;sandbox/logo.png', 'must have a host name of letters, digits and hyphens'],
  ])('the address %s is refused wherever a tenant may give one: it %s', async (address, fault) => {
    await made('acme');
    for (const body of [
      { branding: { logoUrl: address } },
      { branding: { supportUrl: address } },
      { platformRedirectUris: [address] },
    ]) {
      const reply = await own(body);
      expect(reply.json()).toMatchObject({ status: 400, detail: expect.stringContaining(fault) });
    }
    expect((await make('other', { branding: { logoUrl: address } })).statusCode).toBe(400);
    expect((await call(admin, 'GET', '/v1/tenant')).json()).toMatchObject({ branding: none, platformRedirectUris: [] });
  });

  it.each([
    { supportUrl: 'mailto:help@acme.example?body=hello' },
    { supportUrl: 'mailto:a@acme.example,b@acme.example' },
    { helpText: 'x'.repeat(1_001) },
    { helpText: '\n'.repeat(12) },
    { helpText: 'Call\u202E us' },
    { unknown: 'x' },
  ])('the looks %j are refused', async (looks) => {
    await made('acme');
    expect((await own({ branding: looks })).json()).toMatchObject({ status: 400, code: 'invalid_request' });
  });

  it('a redirect URI that an operator put there by other means may stay, and one with a fragment is refused', async () => {
    await composed.deps.tenants.replace('acme', 0, {
      displayName: 'Acme',
      platformRedirectUris: ['http://localhost:3000/done'],
      confirmsInvitations: true,
    });
    const both = ['http://localhost:3000/done', 'https://acme.example/done'];
    expect((await own({ platformRedirectUris: both })).json()).toMatchObject({ platformRedirectUris: both });
    expect((await own({ platformRedirectUris: ['https://acme.example/#x'] })).statusCode).toBe(400);
  });

  it('in development a tenant may give addresses of its own machine', async () => {
    const dev = await composeApp({ dev: true }, { apiKeys: composed.deps.apiKeys, tenants: composed.deps.tenants });
    await made('acme');
    const reply = await dev.app.inject({
      method: 'PATCH',
      url: '/v1/tenant',
      headers: admin,
      payload: {
        platformRedirectUris: ['http://localhost:3000/done'],
        branding: { logoUrl: 'http://127.0.0.1/a.png' },
      },
    });
    expect(reply.statusCode, reply.body).toBe(200);
  });

  it('every change is in the audit record of those whose key made it, and the values are not', async () => {
    await made('acme');
    await change({ displayName: 'Acme SE' });
    await own({ branding });
    const { audit } = composed.deps;
    await audit.recorder.flush();
    const linesOf = async (tenant: string | null) =>
      (await audit.page(tenant, { fromMs: null, toMs: null }, null, 50)).lines;
    expect((await linesOf(null)).map(({ action, target, outcome }) => [action, target, outcome])).toEqual([
      ['changeTenant', 'acme', 'done'],
      ['createTenant', 'acme', 'done'],
    ]);
    const ofTenant = await linesOf('acme');
    expect(ofTenant).toMatchObject([{ action: 'changeOwnTenant', target: 'acme', actor: { kind: 'key' } }]);
    expect(JSON.stringify(ofTenant)).not.toContain('cdn.acme.example');
  });

  it('where the secret store forbids to list or change tenants, the answer says who does', async () => {
    await made('acme');
    const forbids = async () =>
      await Promise.reject(new SecretStoreUnavailable('403', { ambiguous: false, forbidden: true }));
    const { apiKeys, tenants } = composed.deps;
    const { app } = await composeApp({}, { apiKeys, tenants: { ...tenants, replace: forbids, list: forbids } });
    for (const [method, url, headers, payload] of [
      ['GET', '/v1/tenants', operator, undefined],
      ['POST', '/v1/tenants', operator, { id: 'new', displayName: 'New' }],
      ['PATCH', '/v1/tenants/acme', operator, { displayName: 'New' }],
      ['PATCH', '/v1/tenant', admin, { branding }],
    ] as const) {
      const reply = await app.inject({ method, url, headers, ...(payload && { payload }) });
      expect(reply.json()).toMatchObject({
        status: 501,
        code: 'tenants_managed_elsewhere',
        remedy: expect.stringContaining('mooring-tenants'),
      });
    }
    expect((await app.inject({ url: '/v1/tenant', headers: admin })).statusCode).toBe(200);
  });
});
