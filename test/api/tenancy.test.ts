import { beforeAll, describe, expect, it } from 'vitest';
import { openApiOperations } from '../support/open-api-operations.ts';
import { connect, platform, type Platform } from './support/connect.ts';
import { startStack, temporalAddress, type Stack } from './support/stack.ts';

const address = temporalAddress();

const bodies: Readonly<Record<string, object>> = {
  annotateConnection: { name: 'mine now' },
  submitValues: { fields: {} },
};
const ofConnection = '/v1/connections/{id}';

/** Every operation on a connection that the OpenAPI document has, with the scope it needs and a body that it takes. */
const verbs = (await openApiOperations())
  .filter(({ path }) => path.startsWith(ofConnection))
  .map(({ operationId, method, path, scopes: [scope] }) => ({
    method: method as 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: path.slice(ofConnection.length),
    scope,
    body: bodies[operationId],
  }));
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
    '$method …$path finds no connection of another tenant, even with the admin scope',
    async ({ method, path, body }) => {
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

  it('a platform refreshes no connection of another tenant', async () => {
    const headers = await stack.keyFor('umbrella', 'admin');
    const reply = await stack.app.inject({
      method: 'POST',
      url: '/ovh/oauth2/refresh',
      headers,
      payload: { connection: id },
    });
    expect(reply.json()).toMatchObject({ status: 404, code: 'connection_not_found' });
  });

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

  it.each(verbs)(
    'an API key without its scope is refused for $method …$path',
    async ({ method, path, scope, body }) => {
      const others = scopes.filter((other) => other !== scope);
      const without = platform(stack, await stack.keyFor('acme', ...others));
      expect((await without.call(method, `/${id}${path}`, body)).json()).toMatchObject({
        status: 403,
        code: 'insufficient_scope',
      });
    },
  );

  it('an API key without the write scope cannot create a connection', async () => {
    const reader = platform(stack, await stack.keyFor('acme', 'connections:read', 'credentials:read'));
    expect((await reader.call('POST', '', { provider: 'ovh', region: 'ovh-eu' })).statusCode).toBe(403);
  });
});
