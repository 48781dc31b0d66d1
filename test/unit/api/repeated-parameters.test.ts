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
  async function ask(path: string, query: string) {
    const { app, keyFor } = await composeApp();
    const headers = await keyFor('acme', 'admin');
    return await app.inject({ url: `${path.replace('{id}', `con_${'a'.repeat(26)}`)}?${query}`, headers });
  }

  it('the OpenAPI document has query parameters, single ones and lists', () => {
    expect(parameters.filter(({ isList }) => !isList).length).toBeGreaterThan(10);
    expect(parameters.filter(({ isList }) => isList).map(({ name }) => name)).toContain('status');
  });

  it.each(parameters.filter(({ isList }) => !isList))(
    'the parameter $name of $path is refused when it is given twice, also with the same value',
    async ({ path, name }) => {
      const value = values[name] ?? '1';
      for (const other of [value, '2']) {
        const reply = await ask(path, `${name}=${value}&${name}=${other}`);
        expect(reply.json()).toMatchObject({
          status: 400,
          code: 'invalid_request',
          errors: [`querystring: "${name}" is given more than once.`],
        });
      }
    },
  );

  it.each(parameters.filter(({ isList }) => isList))(
    'the parameter $name of $path takes several values',
    async ({ path, name }) => {
      const reply = await ask(path, `${name}=${values[name]}&${name}=${values[name]}`);
      // The request is valid, and reaches Temporal, which is not there.
      expect(reply.json()).toMatchObject({ code: 'internal_error' });
    },
  );
});
