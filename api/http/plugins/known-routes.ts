import type { App } from '../app-types.ts';

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
