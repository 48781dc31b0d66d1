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
