import { Type, type Static, type TSchema } from 'typebox';
import { Value } from 'typebox/value';

import type { JsonObject } from '../../../platform/json.ts';
import { type ControlRoute, SandboxError } from '../../core/cloud.ts';
import { MOST_OF_A_KIND, sizesSchema } from '../../core/sizes.ts';
import type { Tables } from '../../core/tables.ts';
import { findAccount, ovhAccounts } from './accounts.ts';
import { projectIdOf } from './inventory/defaults.ts';
import type { Inventory } from './inventory/inventory.ts';
import { kindNames, kinds, type KindName, type Sizes } from './inventory/kinds/index.ts';
import type { Permissions } from './permissions.ts';

const SizesSchema = sizesSchema(kindNames);
const ProjectSchema = Type.Object(
  { id: Type.Optional(Type.String({ pattern: '^[0-9a-f]{32}$' })), name: Type.String({ minLength: 1 }) },
  { additionalProperties: false },
);
const ActionsSchema = Type.Array(Type.String());
const FieldsSchema = Type.Record(Type.String(), Type.Unknown());

/** What the customer does in OVHcloud's own console: orders, deletes and changes things, and edits IAM policies. */
export function inventoryControl(tables: Tables, inventory: Inventory, permissions: Permissions): ControlRoute[] {
  const { projects, collections } = inventory;

  const ownKinds = (owner: string): KindName[] => {
    const scope = projects.find(owner) ? 'project' : findAccount(owner) ? 'account' : undefined;
    if (scope === undefined) throw new SandboxError(404, `There is no project and no account ${owner}.`);
    return kindNames.filter((kind) => kinds[kind].owner === scope);
  };
  const kindOf = (owner: string, name: string): KindName => {
    const own = ownKinds(owner);
    const kind = own.find((one) => one === name);
    if (kind) return kind;
    throw new SandboxError(400, `${owner} has nothing of the kind "${name}"; there are ${own.join(', ')}.`);
  };
  const accountOf = (nichandle: string) => {
    const account = findAccount(nichandle);
    if (!account) throw new SandboxError(404, `There is no account ${nichandle}.`);
    return account;
  };
  const sizesOf = (owner: string): Sizes =>
    Object.fromEntries(ownKinds(owner).map((kind) => [kind, collections.rows(owner, kind).size]));

  return [
    {
      method: 'GET',
      path: /^\/ovh\/inventory$/,
      handle: () =>
        ovhAccounts.map(({ nichandle }) => ({
          nichandle,
          sizes: sizesOf(nichandle),
          deniedActions: permissions.denied(nichandle),
          projects: projects.list(nichandle).map(({ id, name }) => ({ id, name, sizes: sizesOf(id) })),
        })),
    },
    {
      method: 'POST',
      path: /^\/ovh\/accounts\/([^/]+)\/projects$/,
      handle: ({ parameters: [nichandle = ''], body }) => {
        const { name, id = projectIdOf(`${nichandle}/${name}`) } = checked(ProjectSchema, body, '{name, id?}');
        const project = { id, account: accountOf(nichandle).nichandle, name };
        tables.commit(() => projects.put(project));
        return project;
      },
    },
    {
      method: 'DELETE',
      path: /^\/ovh\/projects\/([^/]+)$/,
      handle: ({ parameters: [id = ''] }) => {
        if (!tables.commit(() => projects.remove(id))) throw new SandboxError(404, `There is no project ${id}.`);
        return { removed: id };
      },
    },
    {
      method: 'PUT',
      path: /^\/ovh\/accounts\/([^/]+)\/denied-actions$/,
      handle: ({ parameters: [nichandle = ''], body }) => {
        const actions = checked(ActionsSchema, body, 'a list of IAM actions');
        tables.commit(() => permissions.deny(accountOf(nichandle).nichandle, actions));
        return actions;
      },
    },
    {
      method: 'PUT',
      path: /^\/ovh\/owners\/([^/]+)\/sizes$/,
      handle: ({ parameters: [owner = ''], body }) => {
        const sizes = Object.entries(checked(SizesSchema, body, `{kind: number, …}, up to ${MOST_OF_A_KIND} each`));
        tables.commit(() => {
          for (const [kind, size] of sizes) collections.resize(owner, kindOf(owner, kind), size);
        });
        return sizesOf(owner);
      },
    },
    {
      method: 'GET',
      path: /^\/ovh\/owners\/([^/]+)\/([^/]+)$/,
      handle: ({ parameters: [owner = '', kind = ''] }) => [...collections.rows(owner, kindOf(owner, kind)).values()],
    },
    {
      method: 'PUT',
      path: /^\/ovh\/owners\/([^/]+)\/([^/]+)\/([^/]+)$/,
      handle: ({ parameters: [owner = '', kind = '', id = ''], body = {} }) => {
        const fields = checked(FieldsSchema, body, 'the fields to set') as JsonObject;
        return tables.commit(() => collections.put(owner, kindOf(owner, kind), id, fields));
      },
    },
    {
      method: 'DELETE',
      path: /^\/ovh\/owners\/([^/]+)\/([^/]+)\/([^/]+)$/,
      handle: ({ parameters: [owner = '', kind = '', id = ''] }) => {
        const isRemoved = tables.commit(() => collections.remove(owner, kindOf(owner, kind), id));
        if (!isRemoved) throw new SandboxError(404, `${owner} has no ${kind} ${id}.`);
        return { removed: id };
      },
    },
  ];
}

function checked<S extends TSchema>(schema: S, body: unknown, wanted: string): Static<S> {
  if (Value.Check(schema, body)) return body;
  throw new SandboxError(400, `The body is ${wanted}.`);
}
