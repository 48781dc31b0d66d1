import type { OvhContext } from '../context.ts';

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
