import type { FastifyRequest } from 'fastify';
import type { Actor } from '../../../contracts/actor.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { Logger } from '../../../platform/logger.ts';
import { Secret } from '../../../platform/secret.ts';
import { permits, type ApiKeyScope } from '../../../stores/api-key-scopes.ts';
import type { ApiKey, ApiKeys } from '../../../stores/api-keys.ts';
import type { EphemeralStore } from '../../../stores/ephemeral/port.ts';
import type { Access } from '../app-types.ts';
import { plugin } from '../plugin.ts';
import { apiProblems } from '../problem.ts';
import { createFailedKeys } from './failed-keys.ts';
import { createKeySessions } from './key-sessions.ts';
import { createKeyUse } from './key-use.ts';
import { createKnownKeys } from './known-keys.ts';

const BEARER = /^Bearer +(\S{1,256})$/i;

export interface AuthenticationDependencies {
  readonly apiKeys: Pick<ApiKeys, 'read' | 'ids'>;
  readonly ephemeral: EphemeralStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Checks the API key and its scope, as `config.access` of the route demands. It does so in `onRequest`, before any of
 * the body is read: who has no key causes no work.
 */
export const authentication = (deps: AuthenticationDependencies) =>
  plugin('authentication', ['problems', 'request-log'], (app) => {
    const known = createKnownKeys(deps);
    const failed = createFailedKeys(deps);
    const use = createKeyUse(deps);
    const sessions = createKeySessions({ ...deps, forget: (id) => known.forget(id) });
    const stop = new AbortController();

    app.decorateRequest('apiKey', null);
    app.decorate('keySessions', sessions);
    app.addHook('onListen', () => void sessions.run(stop.signal));
    app.addHook('preClose', async () => stop.abort());

    app.addHook('onRequest', async (request) => {
      const { access } = request.routeOptions.config;
      if (access === undefined || access === 'public') return;
      const apiKey = await authenticate(request);
      request.apiKey = apiKey;
      const scopes = scopesOf(access);
      if (!scopes.some((scope) => permits(apiKey, scope))) throw apiProblems.forbidden(scopes);
      use.note(apiKey.id, request.ip);
    });

    async function authenticate(request: FastifyRequest): Promise<ApiKey> {
      const presented = BEARER.exec(request.headers.authorization ?? '')?.[1];
      if (presented === undefined) throw apiProblems.unauthenticated();
      const verdict = await known.verify(new Secret(presented), request.ip);
      if (verdict.kind === 'good') return verdict.apiKey;
      if (verdict.kind === 'elsewhere') {
        request.log.warn({ keyId: verdict.apiKey.id }, 'An API key was sent from an address that it does not allow.');
        throw apiProblems.addressNotAllowed(request.ip);
      }
      const waitSeconds = await countFailure(request, verdict.kind === 'wrong' ? verdict.id : undefined);
      if (waitSeconds === 0) throw apiProblems.unauthenticated();
      throw apiProblems.tooManyRequests('Too many requests with invalid API keys came from this address.', waitSeconds);
    }

    async function countFailure(request: FastifyRequest, id: string | undefined): Promise<number> {
      try {
        return await failed.count(request.ip, id);
      } catch (error) {
        // The request is refused in any case; only the counting failed.
        request.log.warn({ err: error }, 'A failed authentication could not be counted.');
        return 0;
      }
    }
  });

/** The scopes of which a key needs one; none for a public route. */
export function scopesOf(access: Access | undefined): readonly ApiKeyScope[] {
  if (access === undefined || access === 'public') return [];
  return typeof access === 'string' ? [access] : access;
}

/** The tenant of the request's key. Throws for a route that is public or for operators: a bug. */
export function tenantOf(request: FastifyRequest): string {
  const tenant = request.apiKey?.tenant;
  if (tenant === undefined || tenant === null) throw new TypeError('Only a route for tenants has a tenant.');
  return tenant;
}

/** The request's key. Throws for a route that is public: a bug. */
export function keyOf(request: FastifyRequest): ApiKey {
  if (!request.apiKey) throw new TypeError('A public route has no API key.');
  return request.apiKey;
}

/** Who asks with the request's key. Throws for a route that is public: a bug. */
export const actorOf = (request: FastifyRequest): Actor => keyActor(keyOf(request));

/** A key without a tenant belongs to an operator of the installation. */
export const keyActor = ({ id, tenant }: { readonly id: string; readonly tenant: string | null }): Actor => ({
  kind: tenant === null ? 'operator' : 'key',
  id,
});
