import type { FastifyContextConfig } from 'fastify';
import { plugin } from '../plugin.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Every route that has been added. */
    knownRoutes: readonly KnownRoute[];
  }
}

/**
 * Checks what every route must declare; the application does not start with a route that does not. Without a reply
 * schema, a route would send fields that were never declared. Without `config.access`, it would be open to everyone.
 * Without an operation id, what it does could not be recorded.
 */
export const routeRules = plugin('route-rules', [], (app) => {
  const routes: KnownRoute[] = [];
  app.decorate('knownRoutes', routes);
  app.addHook('onRoute', ({ method, url, config, schema }) => {
    const operationId = schema?.operationId;
    for (const one of [method].flat()) {
      routes.push({ method: one, url, pattern: patternOf(url), operationId, audit: config?.audit });
    }
    // CORS preflights have no body and no caller.
    if (method === 'OPTIONS') return;
    const route = `The route ${String(method)} ${url}`;
    if (!config?.access) throw new TypeError(`${route} declares no access.`);
    const statuses = Object.keys((schema?.response as object | undefined) ?? {});
    if (!statuses.some((status) => /^[23]/.test(status)) || !statuses.includes('500')) {
      throw new TypeError(`${route} declares no reply schema for its success and its problems.`);
    }
    // The audit record names what was done by it.
    if (operationId === undefined) throw new TypeError(`${route} declares no operation id.`);
  });
});

export interface KnownRoute {
  readonly method: string;
  /** As it was declared, with `:name` for parameters. */
  readonly url: string;
  readonly pattern: RegExp;
  readonly operationId: string | undefined;
  /** As the route declares it; undefined = by its method. */
  readonly audit: FastifyContextConfig['audit'] | undefined;
}

/** The methods that a path answers to, for 405 and its `Allow` (RFC 9110, 15.5.6). */
export function allowedMethods(routes: readonly KnownRoute[], path: string): string[] {
  const methods = routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
  return [...new Set(methods)].filter((method) => method !== 'OPTIONS').sort();
}

function patternOf(url: string): RegExp {
  const segments = url.split('/').map((segment) => {
    if (segment.startsWith(':')) return '[^/]+';
    return segment.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  });
  return new RegExp(`^${segments.join('/')}/?$`);
}
