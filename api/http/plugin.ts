import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyPluginAsync, FastifyPluginOptions, RawServerDefault } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { App } from './app-types.ts';

type Plugin = FastifyPluginAsync<FastifyPluginOptions, RawServerDefault, TypeBoxTypeProvider>;

/** Fastify throws when something that a plugin depends on has not been registered before it. */
const named = (
  name: string,
  dependencies: readonly string[],
  encapsulate: boolean,
  add: (app: App) => unknown,
): Plugin =>
  fastifyPlugin<FastifyPluginOptions, RawServerDefault, TypeBoxTypeProvider, FastifyBaseLogger, Plugin>(
    async (app: App) => {
      await add(app);
    },
    { name, dependencies: [...dependencies], encapsulate, fastify: '5.x' },
  );

/** Hooks and decorations for the whole application. */
export const plugin = (name: string, dependencies: readonly string[], add: (app: App) => unknown): Plugin =>
  named(name, dependencies, false, add);

/** What must be registered before any route: a route that is added earlier would run without it. */
const beforeRoutes = [
  'route-rules',
  'problems',
  'request-log',
  'http-metrics',
  'draining',
  'json-body',
  'body-values',
  'security-headers',
  'request-line',
  'single-parameters',
  'unknown-routes',
  'openapi',
  'authentication',
  'rate-limit',
  'audit',
] as const;

/** The routes of one feature. The hooks, parsers and decorations that are added within are for these routes only. */
export const feature = (name: string, add: (app: App) => unknown): Plugin => named(name, beforeRoutes, true, add);
