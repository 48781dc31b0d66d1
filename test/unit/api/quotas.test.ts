import { describe, expect, it } from 'vitest';
import type { Quotas } from '../../../api/http/quotas.ts';
import { createProviderCatalog } from '../../../api/connections/provider-catalog.ts';
import { apiProblems } from '../../../api/http/problem.ts';
import { initialView } from '../../../contracts/connection-view.ts';
import type { ConnectionInput } from '../../../contracts/messages.ts';
import type { ConnectionView } from '../../../contracts/connection.ts';
import { manifests } from '../../../providers/manifests/all.ts';
import { resolveSettings } from '../../../providers/manifests/settings.ts';
import { sandboxEnvironment } from '../../../sandbox/sandbox.ts';
import { EphemeralStoreUnavailable, type EphemeralStore } from '../../../stores/ephemeral/port.ts';
import type { ConnectionsGateway } from '../../../api/temporal/gateway.ts';
import { SecretStoreUnavailable } from '../../../stores/secrets/port.ts';
import { noQuotas } from '../../../stores/tenants.ts';
import { composeApp } from './composed-app.ts';
import { foundOf, invitationOf, viewWith } from './support.ts';

const unlimited: Quotas = {
  connections: null,
  submissionsPerMinute: null,
  validationsPerMinute: null,
  invitationsPerHour: null,
};
const environment = sandboxEnvironment('http://127.0.0.1:5010');
const providers = createProviderCatalog(manifests.map((manifest) => resolveSettings(manifest, environment)));
const keys = {
  application_key: 'an-application-key',
  application_secret: 'a-secret-of-it',
  consumer_key: 'a-consumer',
};

/** Connections that live in this map alone; `counted` is how often they were counted. */
async function apiWith(
  quotas: Partial<Quotas>,
  { others = 0, fails = false, standIns = {} }: { others?: number; fails?: boolean; standIns?: object } = {},
) {
  const connections = new Map<string, ConnectionView>();
  let counted = 0;
  const gateway = {
    ended: () => Promise.resolve(undefined),
    count(tenant: string) {
      counted += 1;
      if (fails) return Promise.reject(new Error('visibility is down'));
      const own = [...connections.values()].filter((view) => view.tenant === tenant);
      return Promise.resolve(own.length + others);
    },
    assertOwned: (_tenant: string, id: string) =>
      connections.has(id) ? Promise.resolve() : Promise.reject(apiProblems.connectionNotFound()),
    start(input: ConnectionInput) {
      const created = !connections.has(input.id);
      const view = connections.get(input.id) ?? initialView(input, 0);
      connections.set(input.id, view);
      return Promise.resolve({ created, view, request: undefined });
    },
    view: () => Promise.resolve(foundOf(formView)),
    update: () => Promise.resolve({ outcome: 'served', reply: viewWith({ invitation: invitationOf(2) }) }),
    checkSubmission: () =>
      Promise.resolve({ outcome: 'proven', account: { id: 'a', displayName: null }, warnings: [] }),
  } as unknown as ConnectionsGateway;
  const composed = await composeApp(
    { quotas: { ...unlimited, ...quotas } },
    { connections: gateway, providers, ...standIns },
  );
  const writer = async (tenant: string) => await composed.keyFor(tenant, 'connections:write');
  const [acme, umbrella] = [await writer('acme'), await writer('umbrella')];
  const post = async (url: string, payload: object, headers: Record<string, string> = acme) =>
    await composed.app.inject({ method: 'POST', url, payload, headers });
  return {
    ...composed,
    umbrella,
    counted: () => counted,
    create: async (more: Record<string, string> = acme) =>
      await post('/v1/connections', { provider: 'ovh', region: 'ovh-eu' }, { ...acme, ...more }),
    submit: async (headers = acme) =>
      await post(`/v1/connections/${formView.id}/submission`, { fields: keys }, headers),
    validate: async (headers = acme) =>
      await post('/ovh/credentials/validate', { endpoint: 'ovh-eu', fields: keys }, headers),
    invite: async (verb: string, id = formView.id, headers = acme) =>
      await post(`/v1/connections/${id}/${verb}`, {}, headers),
  };
}
const formView = viewWith({ provider: 'ovh', region: 'ovh-eu', method: 'api_credentials' });

describe('the quota of a tenant', () => {
  it('a tenant starts no more connections than it may have, and the problem says how many and what to do', async () => {
    const { create, umbrella } = await apiWith({ connections: 2 });
    expect([(await create()).statusCode, (await create()).statusCode]).toEqual([201, 201]);
    const refused = await create();
    expect(refused.json()).toMatchObject({
      status: 403,
      code: 'quota_exceeded',
      detail: 'The tenant has 2 connections that have not ended, which is the most that it may have.',
    });
    expect(refused.json<{ remedy: string }>().remedy).toContain('TENANT_MAX_CONNECTIONS');
    expect((await create(umbrella)).statusCode, 'another tenant').toBe(201);
  });

  it('a tenant with limits of its own has those, and the installation’s for the rest', async () => {
    const { create, umbrella, submit, deps } = await apiWith({ connections: 1, submissionsPerMinute: 1 });
    const acme = { displayName: 'Acme', platformRedirectUris: [], confirmsInvitations: true };
    await deps.tenants.replace('acme', 0, { ...acme, quotas: { ...noQuotas, connections: 2 } });
    const statuses = async (headers?: Record<string, string>) => [
      (await create(headers)).statusCode,
      (await create(headers)).statusCode,
      (await create(headers)).statusCode,
    ];
    expect(await statuses()).toEqual([201, 201, 403]);
    expect(await statuses(umbrella)).toEqual([201, 403, 403]);
    await submit();
    expect((await submit()).statusCode).toBe(429);
    expect(await deps.quotas.limits('acme')).toEqual({ ...unlimited, connections: 2, submissionsPerMinute: 1 });
  });

  it('a changed limit of a tenant counts within five seconds, and 0 is no limit', async () => {
    const { create, clock, deps } = await apiWith({ connections: 1 });
    expect([(await create()).statusCode, (await create()).statusCode]).toEqual([201, 403]);
    const acme = { displayName: 'Acme', platformRedirectUris: [], confirmsInvitations: true };
    await deps.tenants.replace('acme', 0, { ...acme, quotas: { ...noQuotas, connections: 0 } });
    clock.advance(5);
    expect((await create()).statusCode).toBe(201);
    expect((await deps.quotas.limits('acme')).connections).toBeNull();
  });

  it('the installation’s limits count while those of the tenant cannot be read', async () => {
    const read = async () => await Promise.reject(new SecretStoreUnavailable('down', { ambiguous: false }));
    const { deps, log } = await apiWith({ connections: 1 }, { standIns: { tenants: { read } as never } });
    await deps.quotas.connection('acme');
    await expect(deps.quotas.connection('acme')).rejects.toMatchObject({ code: 'quota_exceeded' });
    expect(log()).toContain('The quotas of a tenant could not be read');
  });

  it('of many requests at once only as many are served as there is room, with one count', async () => {
    const { create, counted } = await apiWith({ connections: 10 }, { others: 5 });
    const statuses = (await Promise.all(Array.from({ length: 20 }, () => create()))).map((reply) => reply.statusCode);
    expect(statuses.filter((status) => status === 201)).toHaveLength(5);
    expect(counted()).toBe(1);
  });

  it('the repeat of a request that has started a connection is answered, also where the tenant has no room left', async () => {
    const { create } = await apiWith({ connections: 1 });
    const first = await create({ 'idempotency-key': 'once' });
    for (let times = 0; times < 3; times += 1) {
      const again = await create({ 'idempotency-key': 'once' });
      expect(again.statusCode).toBe(200);
      expect(again.json<{ connection: { id: string } }>().connection.id).toBe(
        first.json<{ connection: { id: string } }>().connection.id,
      );
    }
    expect((await create({ 'idempotency-key': 'another' })).statusCode).toBe(403);
  });

  it('a batch is given no more items than the tenant may have connections, and takes no room itself', async () => {
    const { deps, create } = await apiWith({ connections: 10 }, { others: 5 });
    await deps.quotas.room('acme', 5);
    await deps.quotas.room('acme', 5);
    await expect(deps.quotas.room('acme', 6)).rejects.toMatchObject({
      status: 403,
      code: 'quota_exceeded',
      message: expect.stringContaining('room for 5 more') as string,
    });
    expect((await create()).statusCode).toBe(201);
    await expect(deps.quotas.room('acme', 5)).rejects.toMatchObject({ code: 'quota_exceeded' });
  });

  it('a repeated request takes no room', async () => {
    const { create } = await apiWith({ connections: 2 });
    for (let times = 0; times < 5; times += 1) await create({ 'idempotency-key': 'once' });
    expect((await create()).statusCode).toBe(201);
  });

  it('there is room again within seconds after connections have ended', async () => {
    const { create, clock, deps } = await apiWith({ connections: 1 });
    await create();
    expect((await create()).statusCode).toBe(403);
    Object.assign(deps.connections, { count: () => Promise.resolve(0) });
    clock.advance(5);
    expect((await create()).statusCode).toBe(201);
  });

  it('connections are started where they cannot be counted, and not counted where there is no limit', async () => {
    const failing = await apiWith({ connections: 1 }, { fails: true });
    expect([(await failing.create()).statusCode, (await failing.create()).statusCode]).toEqual([201, 201]);
    expect(failing.log()).toContain('could not be counted');
    const free = await apiWith({});
    await free.create();
    expect(free.counted()).toBe(0);
  });

  it.each([
    ['submissions', { submissionsPerMinute: 2 }, 'submit'],
    ['validations', { validationsPerMinute: 2 }, 'validate'],
  ] as const)('%s are limited for each tenant and minute, with the time to wait', async (_what, quotas, call) => {
    const api = await apiWith(quotas);
    expect([(await api[call]()).statusCode, (await api[call]()).statusCode]).toEqual([200, 200]);
    const refused = await api[call]();
    expect(refused.json()).toMatchObject({ status: 429, code: 'quota_exceeded', retryAfterSeconds: 60 });
    expect(refused.headers['retry-after']).toBe('60');
    expect((await api[call](api.umbrella)).statusCode, 'another tenant').toBe(200);
    api.clock.advance(61);
    expect((await api[call]()).statusCode).toBe(200);
  });

  it('new links are limited for each connection and hour, by both verbs together', async () => {
    const { invite, umbrella, clock } = await apiWith({ invitationsPerHour: 2 });
    expect([(await invite('invitation')).statusCode, (await invite('reauthorize')).statusCode]).toEqual([201, 201]);
    expect((await invite('invitation')).json()).toMatchObject({ status: 429, code: 'quota_exceeded' });
    expect((await invite('reauthorize')).json()).toMatchObject({ status: 429, code: 'quota_exceeded' });
    expect((await invite('invitation', `con_${'b'.repeat(26)}`)).statusCode, 'another connection').toBe(201);
    expect((await invite('invitation', formView.id, umbrella)).statusCode, 'of another tenant').not.toBe(429);
    clock.advance(3_601);
    expect((await invite('invitation')).statusCode).toBe(201);
  });

  it('what cannot be counted is served', async () => {
    const { submit, deps, log } = await apiWith({ submissionsPerMinute: 1 });
    const lost = () => Promise.reject(new EphemeralStoreUnavailable('down'));
    Object.assign(deps.ephemeral, { increment: lost } satisfies Partial<EphemeralStore>);
    expect([(await submit()).statusCode, (await submit()).statusCode]).toEqual([200, 200]);
    expect(log()).toContain('could not be counted for its quota');
  });
});
