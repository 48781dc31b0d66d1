import { Type, type Static, type TSchema } from 'typebox';
import { Value } from 'typebox/value';

import type { JsonObject } from '../../../../platform/json.ts';
import { type ControlRoute, SandboxError } from '../../../core/cloud.ts';
import { MOST_OF_A_KIND, sizesSchema } from '../../../core/sizes.ts';
import type { Tables } from '../../../core/tables.ts';
import { subscriptions } from '../directory.ts';
import type { Principals } from '../principals.ts';
import { azureClouds, type AzureCloud } from '../settings.ts';
import type { AzureSizes, Estate } from './estate.ts';
import { azureKinds } from './types.ts';

const strict = { additionalProperties: false };
const SizesSchema = sizesSchema(azureKinds);
const ResourceSchema = Type.Object({ id: Type.String(), fields: Type.Record(Type.String(), Type.Unknown()) }, strict);
const IdSchema = Type.Object({ id: Type.String() }, strict);
const GroupSchema = Type.Object({ group: Type.String() }, strict);
const DeniedSchema = Type.Object({ who: Type.String(), actions: Type.Array(Type.String()) }, strict);
const StateSchema = Type.Object(
  {
    state: Type.Union(
      (['Enabled', 'Warned', 'PastDue', 'Disabled', 'Deleted', 'Moved'] as const).map((state) => Type.Literal(state)),
    ),
  },
  strict,
);

/** What customers do with their resources and subscriptions; `?cloud=` where it is not the global one. */
export function estateControl(
  tables: Tables,
  { estate, principals }: { estate: Estate; principals: Principals },
): ControlRoute[] {
  const subscriptionOf = (name: string): string => {
    const found = subscriptions.find((one) => one.id === name || one.name === name);
    if (!found) throw new SandboxError(404, `There is no subscription ${name}.`);
    return found.id;
  };
  const changed = (cloud: AzureCloud, id: string, fields: JsonObject | null) => {
    const isThere = tables.commit(() => estate.change(cloud, id, fields));
    if (!isThere) throw new SandboxError(404, `There is no resource ${id}.`);
    return { id };
  };

  return [
    {
      method: 'GET',
      path: /^\/azure\/subscriptions$/,
      handle: ({ query }) =>
        subscriptions.map(({ id, name }) => ({
          id,
          name,
          state: principals.subscriptionState(cloudOf(query), id),
          sizes: estate.sizes(cloudOf(query), id),
        })),
    },
    {
      method: 'PUT',
      path: /^\/azure\/subscriptions\/([^/]+)\/sizes$/,
      handle: ({ parameters: [name = ''], query, body }) => {
        const sizes = checked(SizesSchema, body, `{kind: number, …}, up to ${MOST_OF_A_KIND} each`) as AzureSizes;
        tables.commit(() => estate.resize(cloudOf(query), subscriptionOf(name), sizes));
        return estate.sizes(cloudOf(query), subscriptionOf(name));
      },
    },
    {
      method: 'PUT',
      path: /^\/azure\/subscriptions\/([^/]+)\/state$/,
      handle: ({ parameters: [name = ''], query, body }) => {
        const { state } = checked(StateSchema, body, '{state}');
        tables.commit(() => principals.setSubscriptionState(cloudOf(query), subscriptionOf(name), state));
        return { state };
      },
    },
    {
      method: 'GET',
      path: /^\/azure\/subscriptions\/([^/]+)\/resources$/,
      handle: ({ parameters: [name = ''], query }) =>
        estate.resources(cloudOf(query), subscriptionOf(name)).map(({ body }) => body),
    },
    {
      method: 'DELETE',
      path: /^\/azure\/subscriptions\/([^/]+)\/groups$/,
      handle: ({ parameters: [name = ''], query, body }) => {
        const { group } = checked(GroupSchema, body, '{group}');
        tables.commit(() => estate.deleteGroup(cloudOf(query), subscriptionOf(name), group));
        return { deleted: group };
      },
    },
    {
      method: 'PUT',
      path: /^\/azure\/resources$/,
      handle: ({ query, body }) => {
        const { id, fields } = checked(ResourceSchema, body, '{id, fields}');
        return changed(cloudOf(query), id, fields as JsonObject);
      },
    },
    {
      method: 'DELETE',
      path: /^\/azure\/resources$/,
      handle: ({ query, body }) => changed(cloudOf(query), checked(IdSchema, body, '{id}').id, null),
    },
    {
      method: 'PUT',
      path: /^\/azure\/denied-actions$/,
      handle: ({ query, body }) => {
        const { who, actions } = checked(DeniedSchema, body, '{who, actions}');
        tables.commit(() => principals.deny(cloudOf(query), who, actions));
        return { who, actions };
      },
    },
  ];
}

function cloudOf(query: URLSearchParams): AzureCloud {
  const id = query.get('cloud') ?? 'global';
  const found = azureClouds.find((cloud) => cloud.id === id);
  if (!found) throw new SandboxError(404, `There is no cloud ${id}.`);
  return found;
}

function checked<S extends TSchema>(schema: S, body: unknown, wanted: string): Static<S> {
  if (Value.Check(schema, body)) return body;
  throw new SandboxError(400, `The body is ${wanted}.`);
}
