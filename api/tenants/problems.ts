import { ApiProblem } from '../http/problem.ts';

export const tenantProblems = {
  notFound: (tenant: string) =>
    new ApiProblem({
      status: 404,
      code: 'tenant_not_found',
      message: `There is no tenant "${tenant}".`,
      remedy: 'An operator makes it with POST /v1/tenants; GET /v1/tenants lists those that there are.',
    }),
  exists: (tenant: string, cause: unknown) =>
    new ApiProblem({
      status: 409,
      code: 'tenant_exists',
      message: `There is a tenant "${tenant}" already.`,
      remedy: 'Change it with PATCH /v1/tenants/{id}, or choose another id.',
      cause,
    }),
  changed: (cause?: unknown) =>
    new ApiProblem({
      status: 409,
      code: 'tenant_changed',
      message: 'The tenant was changed by another request meanwhile. Nothing of this one was kept.',
      remedy: 'Read the tenant again, and send the change with its new "version".',
      cause,
    }),
  managedElsewhere: (cause: unknown) =>
    new ApiProblem({
      status: 501,
      code: 'tenants_managed_elsewhere',
      message: 'The secret store does not let the API list or change tenants.',
      remedy:
        'Change the tenant in Vault, or give the API the policy mooring-tenants (deploy/vault/README.md): run setup.sh again.',
      cause,
    }),
} as const;
