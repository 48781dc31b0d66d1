import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { OvhContext } from '../context.ts';
import { apiErrors } from '../api-errors.ts';
import { ok, parsedBody, type ApiRoute, pageOf } from '../api-route.ts';
import type { Projects } from '../inventory/projects.ts';
import type { ServiceAccounts } from './service-accounts.ts';

/** An IAM policy (`/v2/iam/policy`), as far as it grants something to identities on resources. */
export interface Policy {
  readonly id: string;
  readonly region: string;
  /** Nichandle of its owner; its name is unique among theirs. */
  readonly owner: string;
  readonly name: string;
  readonly description: string;
  readonly identities: readonly string[];
  readonly resources: readonly { readonly urn: string }[];
  readonly permissions: { readonly allow: readonly { readonly action: string }[] };
  readonly createdAt: string;
}

export interface Policies {
  create(of: Omit<Policy, 'id' | 'createdAt'>): Policy;
  of(region: string, owner: string): Policy[];
  delete(id: string): void;
  list(): Policy[];
  /** Whether an identity may do something to a resource; both are URNs. */
  grants(identity: string, action: string, resource: string): boolean;
}

export function createPolicies({ tables, random, clock, settings }: OvhContext): Policies {
  const rows = tables.table<Policy>('ovh.policies');
  const list = () => [...rows.values()];
  const isEffective = ({ createdAt }: Policy) =>
    clock.now() >= Date.parse(createdAt) + settings().iamPropagationSeconds * 1000;

  return {
    create(of) {
      const policy = { ...of, id: `policy-${random(12)}`, createdAt: new Date(clock.now()).toISOString() };
      rows.put(policy.id, policy);
      return policy;
    },
    of: (region, owner) => list().filter((policy) => policy.region === region && policy.owner === owner),
    delete: (id) => rows.delete(id),
    list,
    grants: (identity, action, resource) =>
      list().some(
        (policy) =>
          policy.identities.includes(identity) &&
          policy.resources.some(({ urn }) => urn === resource) &&
          policy.permissions.allow.some((allowed) => fits(allowed.action, action)) &&
          isEffective(policy),
      ),
  };
}

/** `publicCloudProject:apiovh:instance/*` covers whatever begins like it. */
const fits = (allowed: string, action: string): boolean =>
  allowed.endsWith('*') ? action.startsWith(allowed.slice(0, -1)) : allowed === action;

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
