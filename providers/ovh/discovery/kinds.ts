import { Type, type TProperties } from 'typebox';

import { maybe } from '../../../platform/schema.ts';
import type { ListDefinition } from '../../listing/lister.ts';
import { kinds, type OvhKindId } from '../manifest/discovery.ts';

export type { OvhKindId };

export const kindOf = (id: string): (typeof kinds)[number] => {
  const found = kinds.find((kind) => kind.id === id);
  if (found === undefined) throw new RangeError(`OVHcloud has no kind "${id}".`);
  return found;
};

/**
 * One list for each kind, as the program has one command for each. By the number of requests that have to follow each
 * other: what takes longest begins first.
 */
export const ovhLists: readonly ListDefinition[] = (
  [
    'registry',
    'object_storage_s3',
    'instance',
    'private_network',
    'database',
    'kubernetes',
    'load_balancer',
    'dedicated_server',
    'volume',
    'object_storage_swift',
  ] as const satisfies readonly OvhKindId[]
).map((id) => ({ id, scope: kindOf(id).scope, kinds: [id] }));

/** Only what is read is checked: fields that the API adds or drops must not hide a resource. */
const text = Type.String();
const row = <P extends TProperties>(properties: P) => Type.Object(properties);

const id = Type.String({ minLength: 1 });
const common = { name: maybe(text), region: maybe(text), status: maybe(text) };
const createdAt = maybe(text);
const flavor = maybe(Type.Union([text, Type.Object({ name: maybe(text) })]));
const iam = maybe(
  Type.Object({
    urn: maybe(text),
    displayName: maybe(text),
    tags: maybe(Type.Record(Type.String(), Type.Unknown())),
  }),
);

export const rowSchemas = {
  project: row({
    project_id: id,
    projectName: maybe(text),
    description: maybe(text),
    status: maybe(text),
    creationDate: createdAt,
    iam,
  }),
  instance: row({
    id,
    ...common,
    flavor,
    created: createdAt,
    availabilityZone: maybe(text),
    ipAddresses: maybe(Type.Array(Type.Object({ ip: maybe(text) }))),
  }),
  kubernetes: row({ id, ...common, version: maybe(text), plan: maybe(text), url: maybe(text), createdAt }),
  /** The display name is the description; the region stands with each node. */
  database: row({
    id,
    description: maybe(text),
    engine: maybe(text),
    version: maybe(text),
    plan: maybe(text),
    status: maybe(text),
    createdAt,
    nodes: maybe(Type.Array(Type.Object({ region: maybe(text) }))),
  }),
  load_balancer: row({
    id,
    ...common,
    size: maybe(text),
    address: maybe(Type.Object({ ipv4: maybe(text) })),
    createdAt,
  }),
  registry: row({
    id,
    ...common,
    url: maybe(text),
    version: maybe(text),
    deploymentMode: maybe(text),
    plan: maybe(Type.Object({ name: maybe(text) })),
    createdAt,
  }),
  private_network: row({ id, ...common, vlanId: maybe(Type.Number()), openstackId: maybe(text) }),
  volume: row({
    id,
    ...common,
    size: maybe(Type.Number()),
    type: maybe(text),
    availabilityZone: maybe(text),
    attachedTo: maybe(Type.Array(text)),
    creationDate: createdAt,
  }),
  /** Buckets have no id: a name is taken once in a region. */
  object_storage_s3: row({ name: id, region: maybe(text), createdAt, virtualHost: maybe(text) }),
  object_storage_swift: row({ id, name: maybe(text), region: maybe(text), containerType: maybe(text) }),
  dedicated_server: row({
    name: id,
    region: maybe(text),
    availabilityZone: maybe(text),
    datacenter: maybe(text),
    ip: maybe(text),
    os: maybe(text),
    state: maybe(text),
    commercialRange: maybe(text),
    iam,
  }),
} as const;
