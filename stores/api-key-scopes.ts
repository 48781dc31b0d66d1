/** What a tenant's key may do, with what belongs to its tenant alone. `admin` is all of them. */
export const tenantScopes = [
  'connections:read',
  'connections:write',
  'credentials:read',
  'keys:write',
  'webhooks:read',
  'webhooks:write',
  'admin',
] as const;
export type TenantScope = (typeof tenantScopes)[number];

/** What an operator's key may do with the installation. It reaches no connection and no credential of any tenant. */
export const operatorScopes = [
  'operator:decode',
  'operator:metrics',
  'operator:providers',
  'operator:keys',
  'operator:tenants',
  'operator:audit',
  'operator:system',
] as const;
export type OperatorScope = (typeof operatorScopes)[number];

export type ApiKeyScope = TenantScope | OperatorScope;

/** A key belongs to one tenant, or to the operators of the installation. No key has scopes of both kinds. */
export type ApiKeyRights =
  | { readonly tenant: string; readonly scopes: readonly TenantScope[] }
  | { readonly tenant: null; readonly scopes: readonly OperatorScope[] };

export const isOperatorScope = (scope: ApiKeyScope): scope is OperatorScope =>
  (operatorScopes as readonly ApiKeyScope[]).includes(scope);

/** `admin` has every scope of a tenant, and none of an operator. */
export function permits({ tenant, scopes }: ApiKeyRights, scope: ApiKeyScope): boolean {
  const held: readonly ApiKeyScope[] = scopes;
  if (tenant === null || isOperatorScope(scope))
    return tenant === null && isOperatorScope(scope) && held.includes(scope);
  return held.includes(scope) || held.includes('admin');
}
