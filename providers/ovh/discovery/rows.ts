import { Value } from 'typebox/value';
import type { Static } from 'typebox';

import type { Json, JsonObject } from '../../../platform/json.ts';
import type { Loss, Resource } from '../../listing/lister.ts';
import { type OvhKindId, rowSchemas } from './kinds.ts';
import { withoutSecrets } from './without-secrets.ts';

/** Rows as the API or the program gave them, as resources. One that can't be read is a loss, not an end. */
export function readRows(
  kind: OvhKindId,
  projectId: string | null,
  rows: readonly unknown[],
): { readonly resources: readonly Resource[]; readonly losses: readonly Loss[] } {
  // The API may answer an id twice while it changes; a resource is one all the same.
  const resources = new Map<string, Resource>();
  const losses: Loss[] = [];
  for (const [index, row] of rows.entries()) {
    const facts = factsOf(kind, row);
    if (facts === undefined) losses.push(unreadableRow(kind, index));
    else {
      const resource = resourceOf(kind, projectId, facts, row as JsonObject);
      resources.set(resource.key, resource);
    }
  }
  return { resources: [...resources.values()], losses };
}

function factsOf(kind: OvhKindId, row: unknown): RowFacts | undefined {
  const [schema, facts] = [rowSchemas[kind], rowFacts[kind] as (row: unknown) => RowFacts];
  return Value.Check(schema, row) ? facts(row) : undefined;
}

function resourceOf(kind: OvhKindId, projectId: string | null, facts: RowFacts, row: JsonObject): Resource {
  const { id, at, name, region, status, url, summary } = facts;
  const known = Object.entries(summary).filter((entry): entry is [string, Json] => entry[1] !== undefined);
  return {
    kind,
    key: at ? `${id}@${at}` : id,
    id,
    name: name || id,
    region: region ?? null,
    status: status ?? null,
    projectId,
    url: url ? withScheme(url) : null,
    summary: Object.fromEntries(known),
    raw: withoutSecrets(row),
  };
}

/** Kubernetes clusters give a bare host name. */
const withScheme = (url: string): string => (url.includes('://') ? url : `https://${url}`);

const unreadableRow = (kind: OvhKindId, index: number): Loss => ({
  path: `${kind}[${index}]`,
  class: 'config',
  problem: {
    code: 'row_unreadable',
    message: `One row of the list (number ${index + 1}) has no shape that Mooring knows.`,
    remedy: 'The rest of the list is kept. Report it with the kind of resource: OVHcloud may have changed its API.',
  },
});

/** What one row says; `at` sets rows apart that share an id (networks and buckets are per region). */
export interface RowFacts {
  readonly id: string;
  readonly at?: string | null | undefined;
  readonly name?: string | null | undefined;
  readonly region?: string | null | undefined;
  readonly status?: string | null | undefined;
  readonly url?: string | null | undefined;
  readonly summary: Readonly<Record<string, Json | undefined>>;
}

type Row<K extends OvhKindId> = Static<(typeof rowSchemas)[K]>;

export const rowFacts: { readonly [K in OvhKindId]: (row: Row<K>) => RowFacts } = {
  project: (row) => {
    if ('project_id' in row) {
      const { project_id, projectName, description, status } = row;
      return { id: project_id, name: projectName || description, status, summary: { description } };
    }
    const { name, description } = row.currentState ?? {};
    return { id: row.id, name: name || description, status: row.resourceStatus, summary: { description } };
  },
  instance: ({ id, name, region, status, flavor, ipAddresses, created }) => ({
    id,
    name,
    region,
    status,
    summary: {
      flavor: typeof flavor === 'string' ? flavor : flavor?.name,
      ipAddresses: ipAddresses?.map(({ ip }) => ip).filter((ip) => typeof ip === 'string'),
      created,
    },
  }),
  kubernetes: ({ id, name, region, status, url, version, plan }) => ({
    id,
    name,
    region,
    status,
    url,
    summary: { version, plan },
  }),
  database: ({ id, description, status, engine, version, plan, nodes }) => {
    const regions = [...new Set(nodes?.map(({ region }) => region).filter((region) => typeof region === 'string'))];
    return {
      id,
      name: description,
      status,
      region: regions[0],
      summary: { engine, version, plan, nodes: nodes?.length, regions },
    };
  },
  load_balancer: ({ id, name, region, status, size, address }) => ({
    id,
    name,
    region,
    status,
    summary: { size, ipv4: address?.ipv4 },
  }),
  registry: ({ id, name, region, status, url, version, plan, deploymentMode }) => ({
    id,
    name,
    region,
    status,
    url,
    summary: { version, plan: plan?.name, deploymentMode },
  }),
  private_network: ({ id, name, region, status, vlanId, openstackId }) => ({
    id,
    at: region,
    name,
    region,
    status,
    summary: { vlanId, openstackId },
  }),
  volume: ({ id, name, region, status, size, type, attachedTo }) => ({
    id,
    name,
    region,
    status,
    summary: { sizeGb: size, type, attachedTo },
  }),
  object_storage_s3: ({ name, region, virtualHost, createdAt, objectsCount, objectsSize }) => ({
    id: name,
    at: region,
    name,
    region,
    url: virtualHost,
    summary: { createdAt, objectsCount, sizeBytes: objectsSize },
  }),
  object_storage_swift: ({ id, name, region, storedObjects, storedBytes }) => ({
    id,
    name,
    region,
    summary: { objectsCount: storedObjects, sizeBytes: storedBytes },
  }),
  dedicated_server: ({ name, region, state, datacenter, ip, os, commercialRange, iam }) => ({
    id: name,
    name: iam?.displayName || name,
    region,
    status: state,
    summary: { datacenter, ip, os, commercialRange, urn: iam?.urn },
  }),
};
