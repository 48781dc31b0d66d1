import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Clock } from '../../../platform/clock.ts';
import { Secret } from '../../../platform/secret.ts';
import type { ApiKey, ApiKeys } from '../../../stores/api-keys.ts';
import { ephemeralKeys } from '../../../stores/ephemeral/keys.ts';
import type { EphemeralStore } from '../../../stores/ephemeral/port.ts';
import type { Access } from '../app-types.ts';
import { plugin } from '../plugin.ts';
import { apiProblems } from '../problem.ts';
import { createKnownKeys } from './known-keys.ts';

const FAILURES_PER_MINUTE = 30;
const BEARER = /^Bearer +(\S{1,256})$/i;

export interface AuthenticationDependencies {
  readonly apiKeys: Pick<ApiKeys, 'verify'>;
  readonly ephemeral: EphemeralStore;
  readonly clock: Clock;
}

/** Checks the API key and its scope, as `config.access` of the route demands. */
export const authentication = (deps: AuthenticationDependencies) =>
  plugin('authentication', ['problems', 'request-log'], (app) => {
    const authenticate = createAuthenticator(deps);
    app.decorateRequest('apiKey', null);

    app.addHook('onRequest', async (request) => {
      const { access } = request.routeOptions.config;
      if (access === undefined || access === 'public') return;
      request.apiKey = await authenticate(request);
      if (!permits(request.apiKey, access)) throw apiProblems.forbidden(access);
    });
  });

/** `admin` has every scope, within its own tenant. */
const permits = ({ scopes }: ApiKey, access: Access): boolean =>
  scopes.some((scope) => scope === access || scope === 'admin');

/** The tenant of the request's key. Throws for a route that is public: a bug. */
export function tenantOf(request: FastifyRequest): string {
  if (!request.apiKey) throw new TypeError('A public route has no tenant.');
  return request.apiKey.tenant;
}

function createAuthenticator({ apiKeys, ephemeral, clock }: AuthenticationDependencies) {
  const known = createKnownKeys(clock);
  const blockedUntilMs = new Map<string, number>();

  /** Counts the failures of an address, so that guessing keys does not load the secret store. */
  const countFailure = async (request: FastifyRequest): Promise<void> => {
    try {
      const key = ephemeralKeys.rateLimit(`authentication:${request.ip}`);
      const { count, resetSeconds } = await ephemeral.increment(key, 60);
      if (count <= FAILURES_PER_MINUTE) return;
      if (blockedUntilMs.size >= 10_000) blockedUntilMs.clear();
      blockedUntilMs.set(request.ip, clock.now() + resetSeconds * 1000);
    } catch (error) {
      // The request is refused in any case; only the counting failed.
      request.log.warn({ err: error }, 'A failed authentication could not be counted.');
    }
  };

  return async (request: FastifyRequest): Promise<ApiKey> => {
    const presented = BEARER.exec(request.headers.authorization ?? '')?.[1];
    if (presented === undefined) throw apiProblems.unauthenticated();
    const digest = createHash('sha256').update(presented).digest('base64url');
    const fresh = known.fresh(digest);
    if (fresh) return fresh;

    const waitMs = (blockedUntilMs.get(request.ip) ?? 0) - clock.now();
    // Keys that were valid recently are still accepted, because all clients behind a proxy share one address.
    if (waitMs > 0 && !known.seen(digest)) {
      throw apiProblems.tooManyRequests(
        'Too many requests with invalid API keys came from this address.',
        Math.ceil(waitMs / 1000),
      );
    }
    const apiKey = await apiKeys.verify(new Secret(presented));
    if (!apiKey) {
      known.forget(digest);
      await countFailure(request);
      throw apiProblems.unauthenticated();
    }
    known.remember(digest, apiKey);
    return apiKey;
  };
}
