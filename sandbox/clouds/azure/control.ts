import { Type, type TSchema } from 'typebox';
import { Value } from 'typebox/value';

import { type ControlRoute, SandboxError } from '../../core/cloud.ts';
import type { Tables } from '../../core/tables.ts';
import type { Grants } from '../../oauth/grants.ts';
import { azureClouds } from './settings.ts';
import { findUser, subscriptions, tenants } from './directory.ts';
import type { Principals } from './principals.ts';

const strict = { additionalProperties: false };
const ofCloud = { cloud: Type.Optional(Type.String()) };
const Seconds = Type.Optional(Type.Union([Type.Integer(), Type.Null()]));
const CreateSchema = Type.Object({ ...ofCloud, name: Type.String(), expiresInSeconds: Seconds }, strict);
const SecretSchema = Type.Object({ ...ofCloud, clientId: Type.String(), expiresInSeconds: Seconds }, strict);
const ClientSchema = Type.Object({ ...ofCloud, clientId: Type.String() }, strict);
const RolesSchema = Type.Object({ ...ofCloud, who: Type.String(), subscriptions: Type.Array(Type.String()) }, strict);

/** What customers and their administrators do in the Azure portal: for tests and for trying out. */
export function controlRoutes(tables: Tables, deps: { principals: Principals; grants: Grants }): ControlRoute[] {
  const { principals, grants } = deps;
  const path = /^\/azure\/service-principals$/;
  const principalOf = ({ cloud, clientId }: { cloud?: string; clientId: string }) => {
    const found = principals.find(cloudOf(cloud), clientId);
    if (!found) throw new SandboxError(404, `There is no application ${clientId}.`);
    return found;
  };

  return [
    {
      method: 'GET',
      path,
      handle: ({ query }) => principals.list(cloudOf(query.get('cloud') ?? undefined)),
    },
    {
      method: 'POST',
      path,
      handle({ body }) {
        const { cloud, name, expiresInSeconds = null } = checked(CreateSchema, body);
        const of = { name, tenantId: tenants[0].id, expiresInSeconds };
        return tables.commit(() => principals.create(cloudOf(cloud), of));
      },
    },
    {
      method: 'DELETE',
      path,
      handle({ body }) {
        const principal = principalOf(checked(ClientSchema, body));
        tables.commit(() => principals.delete(principal));
        return { deleted: principal.clientId };
      },
    },
    {
      method: 'PUT',
      path: /^\/azure\/secrets$/,
      handle({ body }) {
        const { expiresInSeconds = null, ...of } = checked(SecretSchema, body);
        return tables.commit(() => principals.renewSecret(principalOf(of), expiresInSeconds));
      },
    },
    {
      method: 'DELETE',
      path: /^\/azure\/secrets$/,
      handle({ body }) {
        const principal = principalOf(checked(ClientSchema, body));
        tables.commit(() => principals.dropSecret(principal));
        return { deleted: principal.secret?.id ?? null };
      },
    },
    {
      method: 'PUT',
      path: /^\/azure\/roles$/,
      handle({ body }) {
        const { cloud, who, subscriptions: named } = checked(RolesSchema, body);
        const ids = named.map((name) => {
          const found = subscriptions.find((subscription) => subscription.id === name || subscription.name === name);
          if (!found) throw new SandboxError(404, `There is no subscription ${name}.`);
          return found.id;
        });
        tables.commit(() => principals.assign(cloudOf(cloud), who, ids));
        return { assigned: ids };
      },
    },
    {
      method: 'POST',
      path: /^\/azure\/users\/([^/]+)\/revoke$/,
      handle({ parameters: [username = ''] }) {
        if (!findUser(username)) throw new SandboxError(404, `There is no user ${username}.`);
        return { revoked: tables.commit(() => grants.revokeAccount(username, null)) };
      },
    },
  ];
}

function cloudOf(id = 'global') {
  const found = azureClouds.find((cloud) => cloud.id === id);
  if (!found) throw new SandboxError(404, `There is no cloud ${id}.`);
  return found;
}

function checked<S extends TSchema>(schema: S, body: unknown) {
  if (Value.Check(schema, body)) return body;
  const [problem] = Value.Errors(schema, body);
  throw new SandboxError(400, `The body does not fit: ${problem?.instancePath ?? ''} ${problem?.message ?? ''}.`);
}
