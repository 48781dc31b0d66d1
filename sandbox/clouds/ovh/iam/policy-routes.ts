import { Type } from 'typebox';
import { Value } from 'typebox/value';

import { apiErrors } from '../api-errors.ts';
import { ok, parsedBody, type ApiRoute } from '../api-route.ts';
import type { Projects } from '../inventory/projects.ts';
import { pageOf } from '../pages.ts';
import type { Policies, Policy } from './policies.ts';
import type { ServiceAccounts } from './service-accounts.ts';

const PolicySchema = Type.Object(
  {
    name: Type.String({ pattern: '^[a-zA-Z0-9_./+-]{1,255}$' }),
    description: Type.String(),
    identities: Type.Array(Type.String(), { minItems: 1 }),
    resources: Type.Unknown(),
    permissions: Type.Object({ allow: Type.Array(Type.Object({ action: Type.String({ minLength: 1 }) })) }),
  },
  { additionalProperties: false },
);
const ResourcesSchema = Type.Array(Type.Object({ urn: Type.String() }), { minItems: 1 });

const ACTION = 'account:apiovh:iam/policy';

/** IAM policies, as their owner makes and deletes them. */
export function policyRoutes(deps: {
  policies: Policies;
  serviceAccounts: ServiceAccounts;
  projects: Projects;
}): readonly ApiRoute[] {
  const { policies, serviceAccounts, projects } = deps;
  return [
    {
      path: /^\/v2\/iam\/policy$/,
      endpoint: 'iam.policy.list',
      action: `${ACTION}/get`,
      handle: ({ caller, region, request }) =>
        pageOf(policies.of(region.id, caller.account.nichandle).map(shown), request),
    },
    {
      method: 'POST',
      path: /^\/v2\/iam\/policy$/,
      endpoint: 'iam.policy.create',
      action: `${ACTION}/create`,
      handle({ caller: { account }, region, request }) {
        const body = parsedBody(request);
        if (!Value.Check(PolicySchema, body)) return apiErrors.badRequest('Missing or invalid parameter in body');
        const { resources } = body;
        if (!Value.Check(ResourcesSchema, resources)) return invalidResource(JSON.stringify(resources));
        const project = new RegExp(`^urn:v1:${region.short}:resource:publicCloudProject:([0-9a-f]{32})$`);
        for (const { urn } of resources) {
          const id = project.exec(urn)?.[1] ?? '';
          if (projects.find(id)?.account !== account.nichandle) return invalidResource(urn);
        }
        const prefix = `urn:v1:${region.short}:identity:credential:${account.nichandle}/oauth2-`;
        const known = serviceAccounts.of(region.id, account.nichandle).map(({ clientId }) => `${prefix}${clientId}`);
        const stranger = body.identities.find((urn) => !known.includes(urn));
        if (stranger !== undefined) return apiErrors.badRequest(`INVALID_IDENTITY_URN: ${stranger}`);
        const isTaken = policies.of(region.id, account.nichandle).some(({ name }) => name === body.name);
        if (isTaken) return apiErrors.conflict(`A policy named ${body.name} already exists`);
        const policy = policies.create({ ...body, resources, region: region.id, owner: account.nichandle });
        return { status: 201, body: shown(policy) };
      },
    },
    {
      method: 'DELETE',
      path: /^\/v2\/iam\/policy\/([^/]+)$/,
      endpoint: 'iam.policy.delete',
      action: `${ACTION}/delete`,
      handle({ caller, region, parameters: [id = ''] }) {
        if (!policies.of(region.id, caller.account.nichandle).some((policy) => policy.id === id)) {
          return apiErrors.noSuchObject(id);
        }
        policies.delete(id);
        return ok(null);
      },
    },
  ];
}

const shown = ({ id, owner, name, description, identities, resources, permissions, createdAt }: Policy) => ({
  id,
  owner,
  name,
  description,
  identities,
  resources,
  permissions,
  readOnly: false,
  createdAt,
  updatedAt: createdAt,
});

const invalidResource = (what: string) => apiErrors.badRequest(`INVALID_RESOURCE_URN: ${what}`);
