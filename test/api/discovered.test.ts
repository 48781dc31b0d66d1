import { beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from '../../api/connections/schema.ts';
import type { InventoryReply, Resource } from '../../api/resources/schema.ts';
import { eventually } from '../support/eventually.ts';
import { connect, platform, type Platform } from './support/connect.ts';
import { startStack, temporalAddress, type Stack } from './support/stack.ts';

const address = temporalAddress();

describe.skipIf(address === null)('what is discovered in an account', () => {
  let stack: Stack;
  let headers: { authorization: string };
  let operator: { authorization: string };
  let acme: Platform;
  let id: string;
  const get = async (url: string, as: object = headers) => await stack.app.inject({ url, headers: { ...as } });
  const discovered = async (trigger: string): Promise<NonNullable<Connection['discovery']>> =>
    await eventually(`the discovery (${trigger}) to end`, async () => {
      const { discovery } = await acme.get(id);
      return discovery?.last?.trigger === trigger && discovery.running === null && discovery;
    });
  beforeAll(async () => {
    stack = await startStack(address ?? '');
    headers = await stack.keyFor('acme', 'admin');
    operator = await stack.operatorKey('operator:metrics');
    acme = platform(stack, headers);
    id = (await connect(stack, acme)).connection.id;
    await discovered('connected');
  });

  it('the resource lists of one and of all connections contain as many resources as the inventory counts', async () => {
    const inventory = (await get(`/v1/connections/${id}/inventory`)).json<InventoryReply>();
    expect(inventory.resources).toBeGreaterThan(0);
    const { items } = (await get(`/v1/connections/${id}/resources?limit=1000`)).json<{ items: Resource[] }>();
    expect(items).toHaveLength(inventory.resources);
    const across = await eventually('visibility to know the connection', async () => {
      const page = (await get('/v1/resources?limit=1000')).json<{ items: Resource[] }>();
      return page.items.length > 0 && page.items;
    });
    expect(across).toEqual(items);
    const umbrella = await stack.keyFor('umbrella', 'admin');
    expect((await get('/v1/resources', umbrella)).json()).toEqual({ items: [], nextCursor: null });
  });

  it('what the first discovery found is one change with counts, and adds up to the summary', async () => {
    const inventory = (await get(`/v1/connections/${id}/inventory`)).json<InventoryReply>();
    const { items } = (await get(`/v1/resources/changes?connection=${id}`)).json<{
      items: { change: string; reason: string; counts: Record<string, { added: number }> }[];
    }>();
    expect(items).toMatchObject([{ change: 'counted', reason: 'first_discovery' }]);
    const counted = Object.values(items[0]?.counts ?? {}).reduce((sum, { added }) => sum + added, 0);
    expect(counted).toBe(inventory.resources);
    const summary = await eventually('visibility to know the connection', async () => {
      const reply = (await get('/v1/resources/summary')).json<{ connections: number; resources: number }>();
      return reply.connections > 0 && reply;
    });
    expect(summary).toMatchObject({ connections: 1, resources: inventory.resources });
  });

  it('every kind that the manifest names is listed with the rights of a full sign-in', async () => {
    const { kinds } = (await get(`/v1/connections/${id}/permissions`)).json<{
      kinds: { kind: string; state: string; needs: string[] }[];
    }>();
    expect(kinds.length).toBeGreaterThan(0);
    expect(kinds.filter(({ state }) => state !== 'listed')).toEqual([]);
  });

  it('a connection that is made with discover false is never listed, and is repeated only by the same request', async () => {
    const key = { 'idempotency-key': 'never-listed-0001' };
    const body = { provider: 'ovh', region: 'ovh-eu', discover: false };
    const call = async (payload: object) =>
      await stack.app.inject({ method: 'POST', url: '/v1/connections', headers: { ...headers, ...key }, payload });
    const first = (await call(body)).json<{ connection: Connection }>();
    expect(first.connection.discovery).toBeNull();
    expect((await call(body)).json()).toMatchObject({ connection: { id: first.connection.id } });
    expect((await call({ ...body, discover: true })).json()).toMatchObject({ code: 'idempotency_key_reused' });
    const { connection } = await connect(stack, acme, { discover: false });
    const refused = await acme.call('POST', `/${connection.id}/discover`);
    expect(refused.statusCode).toBeGreaterThanOrEqual(400);
    expect((await acme.get(connection.id)).discovery).toBeNull();
    await acme.call('DELETE', `/${connection.id}`);
    await acme.call('DELETE', `/${first.connection.id}`);
  });

  it('a discovery and a verification of the credential run on request', async () => {
    expect([200, 202]).toContain((await acme.call('POST', `/${id}/discover`)).statusCode);
    expect(await discovered('requested')).toMatchObject({ last: { trigger: 'requested' } });
    const verified = await acme.call('POST', `/${id}/verify`);
    expect(verified.statusCode, verified.body).toBe(200);
    expect(verified.json()).toMatchObject({ status: 'active' });
  });

  it('the resources of a connection are no longer listed once it is disconnected', async () => {
    const before = (await get('/metrics', operator)).body;
    expect(before).toMatch(/mooring_connections\{status="active"\} [1-9]/);
    await acme.call('DELETE', `/${id}`);
    await acme.until(id, 'disconnected');
    expect((await get(`/v1/connections/${id}/resources`)).json()).toEqual({ items: [], nextCursor: null });
    expect((await get('/v1/resources')).json()).toEqual({ items: [], nextCursor: null });
  });
});
