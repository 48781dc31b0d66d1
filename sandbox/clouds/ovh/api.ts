import type { Operation, Reply, SandboxRequest } from '../../core/cloud.ts';
import type { OAuthContext } from '../../oauth/context.ts';
import { apiErrors } from './api-errors.ts';
import { ok, type ApiRoute } from './api-route.ts';
import type { createAuthenticate } from './authenticate.ts';
import type { Permissions } from './permissions.ts';
import type { OvhRegion } from './regions.ts';

type ApiOperation = Pick<Operation, 'endpoint' | 'handle' | 'headers'>;

export const apiEndpoints = (routes: readonly ApiRoute[]): string[] => [
  'auth.time',
  ...routes.map(({ endpoint }) => endpoint),
  'api.unknown',
];

/** The endpoint of the regional API, v1 or v2, that a path below the region names. */
export function createApi(
  context: OAuthContext,
  deps: {
    routes: readonly ApiRoute[];
    authenticate: ReturnType<typeof createAuthenticate>;
    permissions: Permissions;
  },
) {
  // Unguessable once, counted on from there: thousands of details need no more.
  const run = context.random(6);
  let count = 0;
  const queryId = ({ short }: OvhRegion) => `${short.toUpperCase()}.sandbox.${run}.${(count += 1)}`;

  return (region: OvhRegion, path: string, request: SandboxRequest): ApiOperation => {
    const answer = (endpoint: string, handle: () => Reply): ApiOperation => ({
      endpoint,
      handle,
      // On errors too, scripted ones included: it is what support asks for.
      headers: { 'x-ovh-queryid': queryId(region) },
    });
    const unknown = answer('api.unknown', () => apiErrors.noSuchPath);
    if (request.method !== 'GET') return unknown;
    if (path === '/1.0/auth/time') return answer('auth.time', () => ok(Math.floor(context.clock.now() / 1000)));

    for (const route of deps.routes) {
      const parameters = route.path.exec(path)?.slice(1).map(decoded);
      if (!parameters) continue;
      return answer(route.endpoint, () => {
        const authentication = deps.authenticate(request, region);
        if ('refusal' in authentication) return authentication.refusal;
        const { caller } = authentication;
        const { action } = route;
        if (action !== undefined && deps.permissions.denied(caller.account.nichandle).includes(action)) {
          return apiErrors.notGranted([action]);
        }
        return route.handle({ caller, region, request, parameters });
      });
    }
    return unknown;
  };
}

/** A segment that is no proper escape names nothing, as it stands. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
