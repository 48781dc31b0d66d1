import type { App } from '../app-types.ts';

/**
 * What every route must declare; one that forgets it keeps the application from starting. Without a reply schema a
 * route sends whatever fields its objects happen to have, and without `config.access` nobody has thought about callers.
 */
export function requireRouteRules(app: App): void {
  app.addHook('onRoute', ({ method, url, config, schema }) => {
    // CORS preflights have no body and no caller.
    if (method === 'OPTIONS') return;
    const route = `The route ${String(method)} ${url}`;
    if (!config?.access) throw new TypeError(`${route} declares no access.`);
    const statuses = Object.keys((schema?.response as object | undefined) ?? {});
    if (!statuses.some((status) => /^[23]/.test(status)) || !statuses.includes('500')) {
      throw new TypeError(`${route} declares no reply schema for its success and its problems.`);
    }
  });
}

export interface KnownRoute {
  readonly method: string;
  readonly pattern: RegExp;
}

/** Remembers every route as it is added; the list fills while the application is composed. */
export function rememberRoutes(app: App): readonly KnownRoute[] {
  const routes: KnownRoute[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) routes.push({ method: one, pattern: patternOf(url) });
  });
  return routes;
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
