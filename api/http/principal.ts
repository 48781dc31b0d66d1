import type { FastifyRequest } from 'fastify';
import { customerOf, type Actor, type ActorKind } from '../../contracts/actor.ts';
import type { ApiKeyRights } from '../../stores/api-key-scopes.ts';
import type { ApiKey } from '../../stores/api-keys.ts';

/**
 * Who stands behind a request, however that was proven. Everything that a request writes (updates, timeline, events,
 * audit) names its principal, and every check of a right asks it.
 */
export type Principal = ApiKeyRights & {
  readonly kind: Exclude<ActorKind, 'system'>;
  /** Names it within its kind; never a secret. */
  readonly id: string;
  /** From where the request came. */
  readonly address: string;
  /** The key that it was proven by; null where it was another way. */
  readonly apiKey: ApiKey | null;
};

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on every route that is not public before it is served, and on a public one as soon as its link is read. */
    principal: Principal | null;
  }
}

/** A key without a tenant belongs to an operator of the installation. */
export function principalOfKey(apiKey: ApiKey, address: string): Principal {
  const who = { id: apiKey.id, address, apiKey };
  return apiKey.tenant === null
    ? { ...who, kind: 'operator', tenant: null, scopes: apiKey.scopes }
    : { ...who, kind: 'key', tenant: apiKey.tenant, scopes: apiKey.scopes };
}

/** The holder of a link. It has no scopes: what it may do is written in the link. */
export const principalOfLink = (
  { tenant, connection, epoch }: { readonly tenant: string; readonly connection: string; readonly epoch: number },
  address: string,
): Principal => ({ ...customerOf(connection, epoch), kind: 'customer', tenant, scopes: [], address, apiKey: null });

/** Who knows the path token of the codec. */
export const principalOfPathToken = (address: string): Principal => ({
  kind: 'operator',
  id: 'path-token',
  tenant: null,
  scopes: ['operator:decode'],
  address,
  apiKey: null,
});

/** Throws for a route that is public and has read no link: a bug. */
export function principalOf({ principal }: Pick<FastifyRequest, 'principal'>): Principal {
  if (!principal) throw new TypeError('Nobody stands behind this request.');
  return principal;
}

/** Who asks, as it is written into updates, timelines, events and the audit record. Throws as {@link principalOf}. */
export const actorOf = (request: FastifyRequest): Actor => asActor(principalOf(request));

export const asActor = ({ kind, id }: Principal): Actor => ({ kind, id });

/** The principal's tenant. Throws for an operator, and as {@link principalOf}: a bug. */
export function tenantOf(request: FastifyRequest): string {
  const { tenant } = principalOf(request);
  if (tenant === null) throw new TypeError('Only a route for tenants has a tenant.');
  return tenant;
}

/** The key that the request was sent with. Throws where it was proven another way: a bug. */
export function keyOf(request: FastifyRequest): ApiKey {
  const { apiKey } = principalOf(request);
  if (!apiKey) throw new TypeError('This request came without an API key.');
  return apiKey;
}
