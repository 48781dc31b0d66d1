import { Type, type TProperties } from 'typebox';

import { maybe } from '../../../platform/schema.ts';
import type { ResourceKind } from '../../listing/lister.ts';

/** What is looked for, in the order in which people look. */
export const ovhKinds = [
  { id: 'project', label: 'Public Cloud projects', scope: 'account' },
  { id: 'instance', label: 'Instances', scope: 'project' },
  { id: 'kubernetes', label: 'Kubernetes clusters', scope: 'project' },
  { id: 'database', label: 'Databases', scope: 'project' },
  { id: 'load_balancer', label: 'Load balancers', scope: 'project' },
  { id: 'registry', label: 'Container registries', scope: 'project' },
  { id: 'private_network', label: 'Private networks', scope: 'project' },
  { id: 'volume', label: 'Block storage volumes', scope: 'project' },
  { id: 'object_storage_s3', label: 'Object storage (S3)', scope: 'project' },
  { id: 'object_storage_swift', label: 'Object storage (Swift)', scope: 'project' },
  { id: 'dedicated_server', label: 'Dedicated servers', scope: 'account' },
] as const satisfies readonly ResourceKind[];

export type OvhKindId = (typeof ovhKinds)[number]['id'];

/** Only what is read is checked: fields that the API adds or drops must not hide a resource. */
const text = Type.String();
const row = <P extends TProperties>(properties: P) => Type.Object(properties);

const id = Type.String({ minLength: 1 });
const common = { name: maybe(text), region: maybe(text), status: maybe(text) };
const flavor = maybe(Type.Union([text, Type.Object({ name: maybe(text) })]));

export const rowSchemas = {
  project: row({ project_id: id, projectName: maybe(text), description: maybe(text), status: maybe(text) }),
  instance: row({
    id,
    ...common,
    flavor,
    created: maybe(text),
    ipAddresses: maybe(Type.Array(Type.Object({ ip: maybe(text) }))),
  }),
  kubernetes: row({ id, ...common, version: maybe(text), plan: maybe(text), url: maybe(text) }),
  /** The display name is the description; the region stands with each node. */
  database: row({
    id,
    description: maybe(text),
    engine: maybe(text),
    version: maybe(text),
    plan: maybe(text),
    status: maybe(text),
    nodes: maybe(Type.Array(Type.Object({ region: maybe(text) }))),
  }),
  load_balancer: row({ id, ...common, size: maybe(text), address: maybe(Type.Object({ ipv4: maybe(text) })) }),
  registry: row({
    id,
    ...common,
    url: maybe(text),
    version: maybe(text),
    deploymentMode: maybe(text),
    plan: maybe(Type.Object({ name: maybe(text) })),
  }),
  private_network: row({ id, ...common, vlanId: maybe(Type.Number()), openstackId: maybe(text) }),
  volume: row({
    id,
    ...common,
    size: maybe(Type.Number()),
    type: maybe(text),
    attachedTo: maybe(Type.Array(text)),
  }),
  /** Buckets have no id: a name is taken once in a region. */
  object_storage_s3: row({
    name: id,
    region: maybe(text),
    createdAt: maybe(text),
    objectsCount: maybe(Type.Number()),
    objectsSize: maybe(Type.Number()),
    virtualHost: maybe(text),
  }),
  object_storage_swift: row({
    id,
    name: maybe(text),
    region: maybe(text),
    storedObjects: maybe(Type.Number()),
    storedBytes: maybe(Type.Number()),
  }),
  dedicated_server: row({
    name: id,
    region: maybe(text),
    datacenter: maybe(text),
    ip: maybe(text),
    os: maybe(text),
    state: maybe(text),
    commercialRange: maybe(text),
    iam: maybe(Type.Object({ urn: maybe(text), displayName: maybe(text) })),
  }),
} as const;
