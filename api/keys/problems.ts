import { ApiProblem } from '../http/problem.ts';

export const keyProblems = {
  notFound: () =>
    new ApiProblem({
      status: 404,
      code: 'api_key_not_found',
      message: 'There is no such API key.',
      remedy: 'GET /v1/api-keys lists the keys that you can manage.',
    }),
  foreignTenant: () =>
    new ApiProblem({
      status: 403,
      code: 'foreign_tenant',
      message: 'A key of a tenant manages the keys of its own tenant alone.',
      remedy: 'Leave "tenant" out, or use an operator\'s key with the scope "operator:keys".',
    }),
  tenantNotFound: (tenant: string) =>
    new ApiProblem({
      status: 404,
      code: 'tenant_not_found',
      message: `There is no tenant "${tenant}".`,
      remedy: 'Send "tenantDisplayName" to make it: the name that its customers read.',
    }),
  scopeNotHeld: (scopes: readonly string[]) =>
    new ApiProblem({
      status: 403,
      code: 'scope_not_held',
      message: `A key grants only what it has itself, and yours does not have: ${scopes.join(', ')}.`,
      remedy: 'Ask for fewer scopes, or use a key that has them.',
    }),
  addressesNotHeld: () =>
    new ApiProblem({
      status: 403,
      code: 'addresses_not_held',
      message: 'Your key is bound to addresses, and the other key would be valid from more of them.',
      remedy: 'Name addresses within those of your key, or leave "allowedAddresses" out.',
    }),
  replaced: (id: string) =>
    new ApiProblem({
      status: 409,
      code: 'api_key_replaced',
      message: `This API key was rotated already; the new one is ${id}.`,
      remedy: 'Rotate the new one, or make another key with POST /v1/api-keys.',
    }),
  expired: () =>
    new ApiProblem({
      status: 409,
      code: 'api_key_expired',
      message: 'This API key has expired.',
      remedy: 'Make another key with POST /v1/api-keys.',
    }),
  changed: (cause: unknown) =>
    new ApiProblem({
      status: 409,
      code: 'api_key_changed',
      message: 'This API key was changed or revoked by another request at the same time.',
      remedy: 'Read it again with GET /v1/api-keys.',
      cause,
    }),
  managedElsewhere: (cause: unknown) =>
    new ApiProblem({
      status: 501,
      code: 'keys_managed_elsewhere',
      message: 'The secret store does not let the API change API keys.',
      remedy:
        'Make and revoke keys with deploy/new-api-key.sh and Vault, or give the API the policy mooring-api-keys (deploy/vault/README.md).',
      cause,
    }),
} as const;
