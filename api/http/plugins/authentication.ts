import type { FastifyRequest } from 'fastify';
import type { Clock } from '../../../platform/clock.ts';
import type { Logger } from '../../../platform/logger.ts';
import { Secret } from '../../../platform/secret.ts';
import { permits, type ApiKeyScope } from '../../../stores/api-key-scopes.ts';
import type { ApiKeys } from '../../../stores/api-keys.ts';
import type { EphemeralStore } from '../../../stores/ephemeral/port.ts';
import type { Access } from '../app-types.ts';
import { plugin } from '../plugin.ts';
import { principalOfKey, type Principal } from '../principal.ts';
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
 * Finds out who stands behind a request, by its API key, and checks the scope, as `config.access` of the route demands. It does so in `onRequest`, before any of
 * the body is read: who has no key causes no work.
 */
export const authentication = (deps: AuthenticationDependencies) =>
  plugin('authentication', ['problems', 'request-log'], (app) => {
    const known = createKnownKeys(deps);
    const failed = createFailedKeys(deps);
    const use = createKeyUse(deps);
    const sessions = createKeySessions({ ...deps, forget: (id) => known.forget(id) });
    const stop = new AbortController();

    app.decorateRequest('principal', null);
    app.decorate('keySessions', sessions);
    app.addHook('onListen', () => void sessions.run(stop.signal));
    app.addHook('preClose', async () => stop.abort());

    app.addHook('onRequest', async (request) => {
      const { access } = request.routeOptions.config;
      if (access === undefined || access === 'public') return;
      const principal = await authenticate(request);
      request.principal = principal;
      const scopes = scopesOf(access);
      if (!scopes.some((scope) => permits(principal, scope))) throw apiProblems.forbidden(scopes);
      if (principal.apiKey) use.note(principal.apiKey.id, request.ip);
    });

    async function authenticate(request: FastifyRequest): Promise<Principal> {
      const presented = BEARER.exec(request.headers.authorization ?? '')?.[1];
      if (presented === undefined) throw apiProblems.unauthenticated();
      const verdict = await known.verify(new Secret(presented), request.ip);
      if (verdict.kind === 'good') return principalOfKey(verdict.apiKey, request.ip);
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
