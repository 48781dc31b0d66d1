import Fastify from 'fastify';
import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { manifests } from '../../../providers/manifests/all.ts';
import type { App } from '../../../api/http/app-types.ts';
import { buildOpenApi } from '../../../api/http/build-openapi.ts';
import { feature } from '../../../api/http/plugin.ts';
import { routeRules } from '../../../api/http/plugins/routes.ts';
import { problemReplies } from '../../../api/http/problem-schema.ts';
import { composeApp } from './composed-app.ts';

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly security: readonly object[];
  readonly responses: Record<string, { readonly content?: Record<string, unknown> }>;
}
interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, unknown> };
}

const document = (await buildOpenApi()) as Document;
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
);

describe('a route', () => {
  const appWithRules = async (): Promise<App> => {
    const app = Fastify() as unknown as App;
    await app.register(routeRules);
    return app;
  };
  const reply = { 200: Type.Object({}), ...problemReplies() };

  it('a route that does not declare its access keeps the application from starting', async () => {
    const app = await appWithRules();
    const options = { schema: { response: reply } };
    expect(() => app.get('/forgotten', options, async () => ({}))).toThrow('declares no access');
  });

  it.each([
    ['no status', undefined],
    ['problems only', problemReplies(404)],
    ['success only', { 200: Type.Object({}) }],
  ])('a route with a response schema for %s keeps the application from starting', async (_what, response) => {
    const app = await appWithRules();
    const options = { config: { access: 'public' }, schema: response ? { response } : {} } as const;
    expect(() => app.get('/forgotten', options, async () => ({}))).toThrow('declares no reply schema');
  });

  it('a route without an operation id, by which it would be recorded, keeps the application from starting', async () => {
    const app = await appWithRules();
    const options = { config: { access: 'public' }, schema: { response: reply } } as const;
    expect(() => app.get('/forgotten', options, async () => ({}))).toThrow('declares no operation id');
  });

  it('a route that declares its access, its operation id and its response schemas is accepted', async () => {
    const app = await appWithRules();
    const options = { config: { access: 'public' }, schema: { operationId: 'declared', response: reply } } as const;
    expect(() => app.get('/declared', options, async () => ({}))).not.toThrow();
  });

  it('a feature that is registered before the plugins it depends on keeps the application from starting', async () => {
    const app = await appWithRules();
    void app.register(feature('too-early', () => undefined));
    await expect(app.ready()).rejects.toThrow("The dependency 'problems' of plugin 'too-early' is not registered");
  });
});

describe('the OpenAPI document', () => {
  it('the OpenAPI document has version 3.1, and each operation has a unique id and a summary', () => {
    expect(document.openapi).toBe('3.1.0');
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { summary } of operations) expect(summary).not.toBe('');
  });

  it('the OpenAPI document requires an API key on exactly those operations that need one', () => {
    const platformPaths = manifests.flatMap(({ methods }) =>
      methods.flatMap((way) => {
        if (way.flow !== 'redirect' || !way.platformRoutes) return [];
        const { initiate, refresh, validate } = way.platformRoutes;
        return [initiate, refresh, validate.path, way.callbackPath].map((path) => `post ${path}`);
      }),
    );
    const guarded = operations
      .filter(({ security }) => security.length > 0)
      .map(({ path, method }) => `${method} ${path}`);
    const expected = operations
      .map(({ path, method }) => `${method} ${path}`)
      .filter((route) => / \/v1\/| \/metrics$| \/codec\/(?:de|en)code$/.test(route) || platformPaths.includes(route));
    expect(platformPaths.length).toBeGreaterThan(0);
    expect(guarded).toEqual(expected);
  });

  it('the OpenAPI document has every schema that it refers to, and no other schema', () => {
    const references = JSON.stringify(document).match(/(?<="\$ref":")[^"]+/g) ?? [];
    expect(references.length).toBeGreaterThan(10);
    const known = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
    expect(new Set(references)).toEqual(new Set(known));
  });

  it('the OpenAPI document is identical each time it is built, so that a stale copy is noticed', async () => {
    expect(JSON.stringify(await buildOpenApi())).toBe(JSON.stringify(document));
  });

  it('the OpenAPI document is served at /openapi.json with the public address of the service', async () => {
    const { app } = await composeApp();
    const served = (await app.inject('/openapi.json')).json<Document & { servers: { url: string }[] }>();
    expect(served.servers).toEqual([{ url: 'https://mooring.example' }]);
    expect(Object.keys(served.paths)).toEqual(Object.keys(document.paths));
  });
});
