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

  it('that does not say who may call it keeps the application from starting', async () => {
    const app = await appWithRules();
    const options = { schema: { response: reply } };
    expect(() => app.get('/forgotten', options, async () => ({}))).toThrow('declares no access');
  });

  it.each([
    ['nothing', undefined],
    ['its problems only', problemReplies(404)],
    ['its success only', { 200: Type.Object({}) }],
  ])('that has a reply schema for %s keeps the application from starting', async (_what, response) => {
    const app = await appWithRules();
    const options = { config: { access: 'public' }, schema: response ? { response } : {} } as const;
    expect(() => app.get('/forgotten', options, async () => ({}))).toThrow('declares no reply schema');
  });

  it('that declares both starts', async () => {
    const app = await appWithRules();
    const options = { config: { access: 'public' }, schema: { response: reply } } as const;
    expect(() => app.get('/declared', options, async () => ({}))).not.toThrow();
  });

  it('that is added before the authentication keeps the application from starting', async () => {
    const app = await appWithRules();
    void app.register(feature('too-early', () => undefined));
    await expect(app.ready()).rejects.toThrow("The dependency 'problems' of plugin 'too-early' is not registered");
  });
});

describe('the OpenAPI document', () => {
  it('is version 3.1, with one named operation for each route and method', () => {
    expect(document.openapi).toBe('3.1.0');
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { summary } of operations) expect(summary).not.toBe('');
  });

  it('asks for an API key wherever one is needed, and nowhere else', () => {
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

  it('refers to nothing that it does not have', () => {
    const references = JSON.stringify(document).match(/(?<="\$ref":")[^"]+/g) ?? [];
    expect(references.length).toBeGreaterThan(10);
    const known = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
    expect(new Set(references)).toEqual(new Set(known));
  });

  it('is the same each time it is made, so that a stale copy is seen', async () => {
    expect(JSON.stringify(await buildOpenApi())).toBe(JSON.stringify(document));
  });

  it('is served at /openapi.json, with our own address', async () => {
    const { app } = await composeApp();
    const served = (await app.inject('/openapi.json')).json<Document & { servers: { url: string }[] }>();
    expect(served.servers).toEqual([{ url: 'https://mooring.example' }]);
    expect(Object.keys(served.paths)).toEqual(Object.keys(document.paths));
  });
});
