import { isNetwork, createNetworks } from '../../platform/networks.ts';
import {
  isOperatorScope,
  permits,
  type ApiKeyRights,
  type ApiKeyScope,
  type OperatorScope,
  type TenantScope,
} from '../../stores/api-key-scopes.ts';
import { isExpired, type ApiKey } from '../../stores/api-keys.ts';
import { apiProblems } from '../http/problem.ts';
import { keyProblems } from './problems.ts';

const DAY_MS = 24 * 3600 * 1000;

/** Whose keys are meant: those of the caller's tenant; for an operator, those of the named tenant or the operators'. */
export function tenantMeant(caller: ApiKeyRights, named: string | undefined): string | null {
  if (caller.tenant === null) return named ?? null;
  if (named !== undefined && named !== caller.tenant) throw keyProblems.foreignTenant();
  return caller.tenant;
}

/** An operator manages the keys of all. */
export const manages = (caller: ApiKeyRights, key: ApiKeyRights): boolean =>
  caller.tenant === null || caller.tenant === key.tenant;

/** Throws where a scope is of the other kind. */
export function rightsFor(tenant: string | null, scopes: readonly ApiKeyScope[]): ApiKeyRights {
  const wrong = scopes.filter((scope) => isOperatorScope(scope) !== (tenant === null));
  if (wrong.length > 0) {
    const owner = tenant === null ? 'an operator' : 'a tenant';
    throw apiProblems.invalidRequest([`body: a key of ${owner} cannot have the scope ${wrong.join(', ')}.`]);
  }
  return tenant === null
    ? { tenant, scopes: scopes as readonly OperatorScope[] }
    : { tenant, scopes: scopes as readonly TenantScope[] };
}

/**
 * A key hands on only what it has: else a key that may make keys would be a key for everything. An operator with
 * `operator:keys` makes the first keys of every tenant, and so may grant every scope of a tenant.
 */
export function assertMayGrant(caller: ApiKeyRights, rights: ApiKeyRights): void {
  if (caller.tenant === null && rights.tenant !== null) return;
  const missing = rights.scopes.filter((scope: ApiKeyScope) => !permits(caller, scope));
  if (missing.length > 0) throw keyProblems.scopeNotHeld(missing);
}

/** A key that is bound to addresses makes only keys that are bound to them too. */
export function addressesFor(caller: ApiKey, asked: readonly string[] | undefined): readonly string[] {
  const own = caller.allowedAddresses;
  const wanted = asked ?? own;
  const malformed = wanted.filter((text) => !isNetwork(text));
  if (malformed.length > 0) {
    throw apiProblems.invalidRequest(
      malformed.map((text) => `body: "allowedAddresses" has ${text}, which is no IP address or network.`),
    );
  }
  if (own.length === 0) return wanted;
  const allowed = createNetworks(own);
  if (wanted.length === 0 || !wanted.every((network) => allowed.covers(network))) throw keyProblems.addressesNotHeld();
  return wanted;
}

export const expiryAfter = (nowMs: number, life: number | 'never'): string | null =>
  life === 'never' ? null : new Date(nowMs + life * DAY_MS).toISOString();

/** How long the key was made for, in days. */
export const lifeOf = ({ createdAt, expiresAt }: ApiKey): number | 'never' =>
  expiresAt === null ? 'never' : (Date.parse(expiresAt) - Date.parse(createdAt)) / DAY_MS;

/** When the old key of a rotation expires: never later than it would have anyway. */
export function endOfOverlap({ expiresAt }: ApiKey, nowMs: number, overlapHours: number): string {
  const end = new Date(nowMs + overlapHours * 3600 * 1000).toISOString();
  return expiresAt !== null && Date.parse(expiresAt) < Date.parse(end) ? expiresAt : end;
}

export function assertRotatable(key: ApiKey, nowMs: number): void {
  if (key.replacedBy !== null) throw keyProblems.replaced(key.replacedBy);
  if (isExpired(key, nowMs)) throw keyProblems.expired();
}
