import { beforeAll, describe, expect, it } from 'vitest';
import { connect, platform, type Platform } from './support/connect.ts';
import { startStack, temporalAddress, type Stack } from './support/stack.ts';

const address = temporalAddress();

/** Every verb on a connection, with the scope it needs. */
const verbs = [
  ['GET', '', 'connections:read'],
  ['GET', '/timeline', 'connections:read'],
  ['GET', '/guide', 'connections:read'],
  ['GET', '/credentials', 'credentials:read'],
  ['PATCH', '', 'connections:write', { name: 'mine now' }],
  ['POST', '/invitation', 'connections:write'],
  ['DELETE', '/invitation', 'connections:write'],
  ['POST', '/confirm', 'connections:write'],
  ['POST', '/submission', 'connections:write', { fields: {} }],
  ['POST', '/try-now', 'connections:write'],
  ['POST', '/refresh', 'connections:write'],
  ['POST', '/reauthorize', 'connections:write'],
  ['GET', '/resources', 'connections:read'],
  ['GET', '/resources.csv', 'connections:read'],
  ['GET', '/resources.ndjson', 'connections:read'],
  ['GET', '/inventory', 'connections:read'],
  ['POST', '/discover', 'connections:write'],
  ['POST', '/verify', 'connections:write'],
  ['POST', '/pause', 'connections:write'],
  ['POST', '/resume', 'connections:write'],
  ['DELETE', '', 'connections:write'],
] as const;
const scopes = ['connections:read', 'connections:write', 'credentials:read'] as const;

describe.skipIf(address === null)('tenants', () => {
  let stack: Stack;
  let acme: Platform;
  let id: string;
  beforeAll(async () => {
    stack = await startStack(address ?? '');
    acme = platform(stack, await stack.keyFor('acme', 'admin'));
    id = (await connect(stack, acme)).connection.id;
  });

  it.each(verbs)(
    '%s …%s finds no connection of another tenant, even with the admin scope',
    async (method, path, _scope, body?: object) => {
      const umbrella = platform(stack, await stack.keyFor('umbrella', 'admin'));
      const theirs = await umbrella.call(method, `/${id}${path}`, body);
      const unknown = await umbrella.call(method, `/con_${'z'.repeat(26)}${path}`, body);
      expect(theirs.json()).toMatchObject({ status: 404, code: 'connection_not_found' });
      // The response is word for word the one for an id that never existed.
      const { requestId: _one, ...told } = theirs.json<Record<string, unknown>>();
      const { requestId: _other, ...toldOfUnknown } = unknown.json<Record<string, unknown>>();
      expect(told).toEqual(toldOfUnknown);
    },
  );

  it('a connection is unchanged after the calls of another tenant', async () => {
    expect(await acme.get(id)).toMatchObject({ status: 'active', name: null });
  });

  it('a tenant lists only its own connections', async () => {
    const umbrella = platform(stack, await stack.keyFor('umbrella', 'admin'));
    expect((await umbrella.call('GET', '')).json()).toEqual({ items: [], nextCursor: null });
  });

  it('two tenants with the same Idempotency-Key get a connection each', async () => {
    const umbrella = platform(stack, await stack.keyFor('umbrella', 'admin'));
    const body = { provider: 'ovh', region: 'ovh-eu' };
    const ids = await Promise.all(
      [acme, umbrella].map(async (tenant) => {
        const reply = await tenant.call('POST', '', body, { 'idempotency-key': 'order-1' });
        return reply.json<{ connection: { id: string } }>().connection.id;
      }),
    );
    expect(new Set(ids).size).toBe(2);
  });

  it.each(verbs)('an API key without its scope is refused for %s …%s', async (method, path, scope, body?: object) => {
    const others = scopes.filter((other) => other !== scope);
    const without = platform(stack, await stack.keyFor('acme', ...others));
    expect((await without.call(method, `/${id}${path}`, body)).json()).toMatchObject({
      status: 403,
      code: 'insufficient_scope',
    });
  });

  it('an API key without the write scope cannot create a connection', async () => {
    const reader = platform(stack, await stack.keyFor('acme', 'connections:read', 'credentials:read'));
    expect((await reader.call('POST', '', { provider: 'ovh', region: 'ovh-eu' })).statusCode).toBe(403);
  });
});
