import { Type, type TProperties, type TSchema } from 'typebox';

import { maybe } from '../../../platform/schema.ts';

const text = Type.String();
const token = { nextPageToken: Type.Optional(text) };
const rows = Type.Array(Type.Unknown());

/** What a listing needs of the stored record: the token, and the key where there is one. */
export const ListingRecordSchema = Type.Object({
  access_token: Type.String({ minLength: 1 }),
  service_account_key: Type.Optional(text),
});

/**
 * A reply of Google's newer APIs, which leave out a list that is empty. So a reply without it is right only where there
 * is nothing else that does not belong: an error page in JSON is no empty list.
 */
const listOf = <K extends string, O extends TProperties>(key: K, others: O) =>
  Type.Union([
    Type.Object({ [key]: rows, ...token, ...others } as Record<K, typeof rows> & typeof token & O),
    Type.Object({ ...token, ...others }, { additionalProperties: false }),
  ]);

const places = Type.Optional(Type.Array(text));

export const assetsPage = listOf('results', {});
export const locationsPage = listOf('locations', {});
export const clustersPage = listOf('clusters', { missingZones: places });
export const servicesPage = listOf('services', { unreachable: places });
export const functionsPage = listOf('functions', { unreachable: places });
export const repositoriesPage = listOf('repositories', {});
export const spannerPage = listOf('instances', { unreachable: places });
export const alloydbPage = listOf('clusters', { unreachable: places });
export const projectsPage = listOf('projects', {});

const warning = Type.Optional(Type.Object({ code: maybe(text), message: maybe(text) }));

/** The older APIs say what a reply is, also where the list is empty and left out. */
export const aggregatedPage = Type.Object({
  kind: text,
  items: Type.Optional(Type.Record(text, Type.Object({ warning }))),
  ...token,
  warning,
  unreachables: places,
});
export const itemsPage = Type.Object({
  kind: text,
  items: Type.Optional(rows),
  ...token,
  warning,
  unreachable: places,
});
export const sqlPage = listOf('items', {
  kind: Type.Optional(text),
  warnings: Type.Optional(Type.Array(Type.Object({ code: maybe(text), message: maybe(text), region: maybe(text) }))),
});

/** Only what is read is checked: fields that an API adds or drops must not hide a resource. */
const row = <P extends Record<string, TSchema>>(properties: P) => Type.Object(properties);
const name = Type.String({ minLength: 1 });
const labels = maybe(Type.Record(text, Type.Unknown()));

export const assetRow = row({
  name,
  assetType: name,
  project: maybe(text),
  displayName: maybe(text),
  location: maybe(text),
  labels,
  createTime: maybe(text),
  state: maybe(text),
});
export const projectRow = row({
  name,
  projectId: name,
  displayName: maybe(text),
  state: maybe(text),
  labels,
  createTime: maybe(text),
});
export const locationRow = row({ locationId: name });
const compute = { name, creationTimestamp: maybe(text) };
export const instanceRow = row({ ...compute, labels, status: maybe(text), machineType: maybe(text) });
export const diskRow = row({ ...compute, labels, status: maybe(text), sizeGb: maybe(text), type: maybe(text) });
export const forwardingRuleRow = row({
  ...compute,
  labels,
  IPAddress: maybe(text),
  IPProtocol: maybe(text),
  loadBalancingScheme: maybe(text),
});
export const networkRow = row({ ...compute, autoCreateSubnetworks: maybe(Type.Boolean()), mtu: maybe(Type.Number()) });
export const clusterRow = row({
  name,
  location: name,
  createTime: maybe(text),
  status: maybe(text),
  endpoint: maybe(text),
  resourceLabels: labels,
  releaseChannel: maybe(Type.Object({ channel: maybe(text) })),
});
export const sqlRow = row({
  name,
  region: maybe(text),
  gceZone: maybe(text),
  state: maybe(text),
  createTime: maybe(text),
  databaseVersion: maybe(text),
  instanceType: maybe(text),
  settings: maybe(Type.Object({ tier: maybe(text), userLabels: labels })),
});
export const spannerRow = row({
  name,
  displayName: maybe(text),
  config: maybe(text),
  state: maybe(text),
  createTime: maybe(text),
  labels,
});
export const alloydbRow = row({
  name,
  displayName: maybe(text),
  state: maybe(text),
  createTime: maybe(text),
  databaseVersion: maybe(text),
  labels,
});
export const bucketRow = row({
  name,
  location: maybe(text),
  locationType: maybe(text),
  storageClass: maybe(text),
  timeCreated: maybe(text),
  labels,
});
export const serviceRow = row({
  name,
  createTime: maybe(text),
  uri: maybe(text),
  labels,
  ingress: maybe(text),
  terminalCondition: maybe(Type.Object({ state: maybe(text) })),
});
export const functionRow = row({
  name,
  state: maybe(text),
  createTime: maybe(text),
  url: maybe(text),
  labels,
  environment: maybe(text),
  buildConfig: maybe(Type.Object({ runtime: maybe(text) })),
});
export const repositoryRow = row({
  name,
  format: maybe(text),
  mode: maybe(text),
  createTime: maybe(text),
  registryUri: maybe(text),
  labels,
});
