import type { Operation, Reply, SandboxRequest } from '../../core/cloud.ts';
import { apiErrors } from './api-errors.ts';
import { ok, type ApiRoute } from './api-route.ts';
import type { createAuthenticate } from './authenticate.ts';
import { apiSeconds, type OvhContext } from './context.ts';
import type { Permissions } from './permissions.ts';
import type { OvhRegion } from './regions.ts';

type ApiOperation = Pick<Operation, 'endpoint' | 'handle' | 'headers'>;

export const apiEndpoints = (routes: readonly ApiRoute[]): string[] => [
  'auth.time',
  'auth.credential',
  ...routes.map(({ endpoint }) => endpoint),
  'api.unknown',
];

/** The endpoint of the regional API, v1 or v2, that a path below the region names. */
export function createApi(
  context: OvhContext,
  deps: {
    routes: readonly ApiRoute[];
    authenticate: ReturnType<typeof createAuthenticate>;
    permissions: Permissions;
    /** `POST /auth/credential`, which needs no authentication. */
    requestCredential: (region: OvhRegion, request: SandboxRequest) => Reply;
  },
) {
  // Unguessable once, counted on from there: thousands of details need no more.
  const run = context.random(6);
  let count = 0;
  const limit = createLimit(context);
  const queryId = ({ short }: OvhRegion) => `${short.toUpperCase()}.sandbox.${run}.${(count += 1)}`;

  return (region: OvhRegion, path: string, request: SandboxRequest): ApiOperation => {
    const answer = (endpoint: string, handle: () => Reply): ApiOperation => ({
      endpoint,
      handle,
      // On errors too, scripted ones included: it is what support asks for.
      headers: { 'x-ovh-queryid': queryId(region) },
    });
    const asked = `${request.method} ${path}`;
    if (asked === 'GET /1.0/auth/time') return answer('auth.time', () => ok(apiSeconds(context)));
    if (asked === 'POST /1.0/auth/credential') {
      return answer('auth.credential', () => deps.requestCredential(region, request));
    }
    for (const route of deps.routes) {
      if ((route.method ?? 'GET') !== request.method) continue;
      const parameters = route.path.exec(path)?.slice(1).map(decoded);
      if (parameters) return answer(route.endpoint, () => serve(route, region, request, parameters));
    }
    return answer('api.unknown', () => apiErrors.noSuchPath);
  };

  function serve(route: ApiRoute, region: OvhRegion, request: SandboxRequest, parameters: readonly string[]): Reply {
    const authentication = deps.authenticate(request, region);
    if ('refusal' in authentication) return authentication.refusal;
    const { caller } = authentication;
    const limited = limit(caller.consumerKey ?? caller.identity);
    if (limited) return limited;
    const { action, on } = route;
    const may = (what: string, projectId: string | null) => deps.permissions.may({ caller, region }, what, projectId);
    const isRefused = (what: string) =>
      on === 'listed'
        ? deps.permissions.denied(caller.account.nichandle).includes(what)
        : !may(what, on === 'project' ? (parameters[0] ?? '') : null);
    if (action !== undefined && isRefused(action)) return apiErrors.notGranted([action]);
    return route.handle({ caller, region, request, parameters, mayInProject: may });
  }
}

const MINUTE_MS = 60_000;

/** Counts each caller's requests; answers the refusal of one that is too many, which counts too. */
function createLimit({ clock, settings }: OvhContext): (caller: string) => Reply | undefined {
  let minute = 0;
  const counts = new Map<string, number>();
  return (caller) => {
    const most = settings().requestsPerMinute;
    if (most === null) return undefined;
    const now = Math.floor(clock.now() / MINUTE_MS);
    if (now !== minute) counts.clear();
    minute = now;
    const count = (counts.get(caller) ?? 0) + 1;
    counts.set(caller, count);
    if (count <= most) return undefined;
    const secondsLeft = Math.ceil(((now + 1) * MINUTE_MS - clock.now()) / 1000);
    return { ...apiErrors.tooManyRequests, headers: { 'retry-after': String(secondsLeft) } };
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

/** The caller's identity. It needs no permission. */
export const identityRoutes: readonly ApiRoute[] = [
  {
    path: /^\/1\.0\/auth\/details$/,
    endpoint: 'auth.details',
    handle: ({ caller: { account, method, identity }, region }) =>
      ok({
        account: account.nichandle,
        allowedRoutes: null,
        description: '',
        identities: [`urn:v1:${region.short}:identity:${identity}`],
        method,
        roles: [],
        user: null,
      }),
  },
  {
    path: /^\/1\.0\/me\/?$/,
    endpoint: 'me',
    handle({ caller, region }) {
      const { nichandle, ...person } = caller.account;
      return ok({
        nichandle,
        customerCode: nichandle.replace(/\D/g, ''),
        ...person,
        ovhCompany: 'ovh',
        ovhSubsidiary: region.short.toUpperCase(),
        language: 'en_GB',
        currency: { code: 'EUR', symbol: '€' },
        state: 'complete',
        kycValidated: true,
      });
    },
  },
];
