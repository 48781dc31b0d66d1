import { describe, expect, it } from 'vitest';
import { buildOpenApi } from '../../../api/http/build-openapi.ts';
import { composeApp } from './composed-app.ts';

interface Parameter {
  readonly in: string;
  readonly name: string;
  readonly schema: { readonly type?: string };
}
interface Document {
  readonly paths: Record<string, Record<string, { readonly parameters?: readonly Parameter[] }>>;
}

const { paths } = (await buildOpenApi()) as Document;
const parameters = Object.entries(paths).flatMap(([path, operations]) =>
  Object.values(operations).flatMap(({ parameters: all = [] }) =>
    all
      .filter((parameter) => parameter.in === 'query')
      .map(({ name, schema }) => ({ path, name, isList: schema.type === 'array' })),
  ),
);
const values: Readonly<Record<string, string>> = { limit: '1', status: 'active', cursor: 'k1.xx' };

describe('a query parameter', () => {
  it('the OpenAPI document has query parameters, single ones and lists', () => {
    expect(parameters.filter(({ isList }) => !isList).length).toBeGreaterThan(10);
    expect(parameters.filter(({ isList }) => isList).map(({ name }) => name)).toContain('status');
  });

  it('each single one is refused when it is given twice, also with the same value', async () => {
    const ask = await asking();
    for (const { path, name } of parameters.filter(({ isList }) => !isList)) {
      const value = values[name] ?? '1';
      for (const other of [value, '2']) {
        const reply = await ask(path, `${name}=${value}&${name}=${other}`);
        expect.soft(reply, `${name} of ${path}`).toMatchObject({
          status: 400,
          code: 'invalid_request',
          errors: [`querystring: "${name}" is given more than once.`],
        });
      }
    }
  });

  it('each list takes several values', async () => {
    const ask = await asking();
    for (const { path, name } of parameters.filter(({ isList }) => isList)) {
      const reply = await ask(path, `${name}=${values[name]}&${name}=${values[name]}`);
      // The request is valid, and reaches Temporal, which is not there.
      expect.soft(reply, `${name} of ${path}`).toMatchObject({ code: 'internal_error' });
    }
  });

  /** One application for all, because its routes take a while to build. */
  async function asking() {
    const { app, keyFor, operatorKey } = await composeApp();
    const tenantKey = await keyFor('acme', 'admin');
    const tenantsKey = await operatorKey('operator:tenants');
    return async (path: string, query: string): Promise<unknown> => {
      const headers = path === '/v1/tenants' ? tenantsKey : tenantKey;
      return (await app.inject({ url: `${path.replace('{id}', `con_${'a'.repeat(26)}`)}?${query}`, headers })).json();
    };
  }
});
