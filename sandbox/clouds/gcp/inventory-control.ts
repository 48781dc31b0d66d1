import { Type, type Static, type TSchema } from 'typebox';
import { Value } from 'typebox/value';

import { type ControlRoute, SandboxError } from '../../core/cloud.ts';
import { MOST_OF_A_KIND, sizesSchema } from '../../core/sizes.ts';
import type { Tables } from '../../core/tables.ts';
import { members } from './accounts.ts';
import type { Collections } from './inventory/collections.ts';
import { kindNames, kinds, type KindName, type Sizes } from './inventory/kinds.ts';
import type { Project, Projects } from './inventory/projects.ts';
import type { Roles } from './roles.ts';

const SizesSchema = sizesSchema(kindNames);
const ProjectSchema = Type.Object(
  { projectId: Type.String({ pattern: '^[a-z][a-z0-9-]{5,29}$' }), displayName: Type.Optional(Type.String()) },
  { additionalProperties: false },
);
const PermissionsSchema = Type.Array(Type.String());
const FieldsSchema = Type.Partial(
  Type.Object(
    {
      location: Type.String(),
      labels: Type.Record(Type.String(), Type.String()),
      createdAt: Type.String(),
      state: Type.Union([Type.String(), Type.Null()]),
    },
    { additionalProperties: false },
  ),
);

/** What a customer does in the console: makes, deletes and changes things, and edits roles. */
export function inventoryControl(
  tables: Tables,
  { projects, collections, roles }: { projects: Projects; collections: Collections; roles: Roles },
): ControlRoute[] {
  const projectOf = (id: string): Project => {
    const project = projects.find(id);
    if (!project) throw new SandboxError(404, `There is no project ${id}.`);
    return project;
  };
  const kindOf = (name: string): KindName => {
    if (name in kinds) return name as KindName;
    throw new SandboxError(400, `There is no kind "${name}"; there are ${kindNames.join(', ')}.`);
  };
  const sizesOf = (project: string): Sizes =>
    Object.fromEntries(kindNames.map((kind) => [kind, collections.of(project, kind).size]));

  return [
    {
      method: 'GET',
      path: /^\/gcp\/inventory$/,
      handle: () => ({
        projects: projects.list().map((project) => ({ ...project, sizes: sizesOf(project.projectId) })),
        members: members.map((member) => ({
          email: member.email,
          sees: roles.visible(member).map(({ projectId }) => projectId),
          deniedPermissions: roles.denied(member.email),
        })),
      }),
    },
    {
      method: 'POST',
      path: /^\/gcp\/projects$/,
      handle: ({ body }) => {
        const { projectId, displayName = projectId } = checked(ProjectSchema, body, '{projectId, displayName?}');
        const number = projects.find(projectId)?.number ?? String(303030303000 + projects.list().length);
        const project: Project = { projectId, number, displayName, state: 'ACTIVE' };
        tables.commit(() => projects.put(project));
        return project;
      },
    },
    {
      method: 'DELETE',
      path: /^\/gcp\/projects\/([^/]+)$/,
      handle: ({ parameters: [id = ''] }) => {
        const project: Project = { ...projectOf(id), state: 'DELETE_REQUESTED' };
        tables.commit(() => projects.put(project));
        return project;
      },
    },
    {
      method: 'PUT',
      path: /^\/gcp\/members\/([^/]+)\/denied-permissions$/,
      handle: ({ parameters: [email = ''], body }) => {
        const permissions = checked(PermissionsSchema, body, 'a list of permissions');
        if (!tables.commit(() => roles.deny(email, permissions))) throw new SandboxError(404, `No member ${email}.`);
        return permissions;
      },
    },
    {
      method: 'PUT',
      path: /^\/gcp\/projects\/([^/]+)\/sizes$/,
      handle: ({ parameters: [id = ''], body }) => {
        const { projectId } = projectOf(id);
        const sizes = Object.entries(checked(SizesSchema, body, `{kind: number, …}, up to ${MOST_OF_A_KIND} each`));
        tables.commit(() => {
          for (const [kind, size] of sizes) collections.resize(projectId, kindOf(kind), size);
        });
        return sizesOf(projectId);
      },
    },
    {
      method: 'GET',
      path: /^\/gcp\/projects\/([^/]+)\/([^/]+)$/,
      handle: ({ parameters: [id = '', kind = ''] }) => [
        ...collections.of(projectOf(id).projectId, kindOf(kind)).values(),
      ],
    },
    {
      method: 'PUT',
      path: /^\/gcp\/projects\/([^/]+)\/([^/]+)\/([^/]+)$/,
      handle: ({ parameters: [id = '', kind = '', name = ''], body = {} }) => {
        const fields = checked(FieldsSchema, body, '{location?, labels?, createdAt?, state?}');
        return tables.commit(() => collections.put(projectOf(id).projectId, kindOf(kind), name, fields));
      },
    },
    {
      method: 'DELETE',
      path: /^\/gcp\/projects\/([^/]+)\/([^/]+)\/([^/]+)$/,
      handle: ({ parameters: [id = '', kind = '', name = ''] }) => {
        const isRemoved = tables.commit(() => collections.remove(projectOf(id).projectId, kindOf(kind), name));
        if (!isRemoved) throw new SandboxError(404, `${id} has no ${kind} ${name}.`);
        return { removed: name };
      },
    },
  ];
}

function checked<S extends TSchema>(schema: S, body: unknown, wanted: string): Static<S> {
  if (Value.Check(schema, body)) return body;
  throw new SandboxError(400, `The body is ${wanted}.`);
}
