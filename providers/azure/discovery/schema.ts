import { Type, type Static } from 'typebox';

import { maybe } from '../../../platform/schema.ts';

const Text = Type.String({ minLength: 1 });
const text = maybe(Type.String());

/** Of the stored record, what lists need. Both methods keep it. */
export const ListCredentialSchema = Type.Object({
  access_token: Text,
  tenant_id: text,
  /** Of who signed in. */
  object_id: text,
  /** Of the service principal; of a sign-in it is our own application. */
  client_id: text,
});

/** https://learn.microsoft.com/rest/api/azureresourcegraph/resourcegraph/resources/resources */
export const GraphPageSchema = Type.Object({
  data: Type.Array(Type.Unknown()),
  totalRecords: Type.Integer({ minimum: 0 }),
  $skipToken: text,
});

/** Every list of Azure Resource Manager. */
export const ArmPageSchema = Type.Object({ value: Type.Array(Type.Unknown()), nextLink: text });

export const ArmListErrorSchema = Type.Object({
  error: Type.Object({
    code: Type.String(),
    message: Type.Optional(Type.String()),
    details: maybe(Type.Array(Type.Object({ message: Type.Optional(Type.String()) }))),
  }),
});

/** Stands in paths of further requests: nothing that leads elsewhere. */
export const resourceIdPattern = '^/[Ss]ubscriptions/[0-9a-fA-F-]{36}(/[^/?#%\\\\\\s][^/?#%\\\\]*)+$';

/** A row of the query, or the same columns of a resource that Azure Resource Manager lists. */
export const ResourceSchema = Type.Object({
  id: Type.String({ pattern: resourceIdPattern }),
  name: Text,
  type: Text,
  kind: text,
  location: text,
  zones: maybe(Type.Array(Type.String())),
  resourceGroup: text,
  tags: maybe(Type.Record(Type.String(), Type.String())),
  sku: text,
  power: text,
  state: text,
  created: text,
  size: text,
  sizeGb: maybe(Type.Number()),
  version: text,
  host: text,
});
export type Resource = Static<typeof ResourceSchema>;

/** Of the list of everything, only what is there at all. */
export const PresentSchema = Type.Object({ id: Text, type: Text });

/** `…/virtualMachines?statusOnly=true` */
export const VmStatusSchema = Type.Object({
  id: Text,
  properties: Type.Object({
    instanceView: maybe(Type.Object({ statuses: maybe(Type.Array(Type.Object({ code: text }))) })),
  }),
});

/** https://learn.microsoft.com/rest/api/authorization/permissions */
export const PermissionSchema = Type.Object({
  actions: Type.Array(Type.String()),
  notActions: maybe(Type.Array(Type.String())),
});

/** An answer of which nothing but its coming is of interest. */
export const AnyAnswerSchema = Type.Unknown();
