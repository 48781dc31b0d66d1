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
