import type { Static } from 'typebox';
import { Value } from 'typebox/value';

import type { Json } from '../../../platform/json.ts';
import type { InventoryRow } from '../../../stores/inventory/port.ts';
import type { Loss } from '../../listing/lister.ts';
import { rowSchemas, type OvhKindId } from './kinds.ts';

/** What all rows of one list have in common. */
type Listed = Pick<InventoryRow, 'project' | 'source'> & { readonly kind: OvhKindId };

/** Rows as the API or the program gave them, for the inventory. One that cannot be read is a loss; the others are kept. */
export function readRows(
  listed: Listed,
  given: readonly unknown[],
): { readonly rows: readonly InventoryRow[]; readonly losses: readonly Loss[] } {
  // The API may answer an id twice while it changes; a resource is one all the same.
  const rows = new Map<string, InventoryRow>();
  const losses: Loss[] = [];
  for (const [index, row] of given.entries()) {
    const facts = factsOf(listed.kind, row);
    if (facts === undefined) losses.push(unreadableRow(listed.kind, index));
    else {
      const read = rowOf(listed, facts);
      rows.set(read.key, read);
    }
  }
  return { rows: [...rows.values()], losses };
}

function factsOf(kind: OvhKindId, row: unknown): RowFacts | undefined {
  const [schema, facts] = [rowSchemas[kind], rowFacts[kind] as (row: unknown) => RowFacts];
  return Value.Check(schema, row) ? facts(row) : undefined;
}

/** Only what a schema names is kept: rows hold secrets (`rescuePassword`, `token`, …). */
function rowOf({ kind, project, source }: Listed, facts: RowFacts): InventoryRow {
  const { id, at, name, region, status, url, summary } = facts;
  const known = Object.entries(summary).filter((entry): entry is [string, Json] => entry[1] !== undefined);
  return {
    key: at ? `${id}@${at}` : id,
    kind,
    project,
    id,
    name: name || id,
    region: region ?? null,
    status: status ?? null,
    url: url ? withScheme(url) : null,
    source,
    summary: Object.fromEntries(known),
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

const rowFacts: { readonly [K in OvhKindId]: (row: Row<K>) => RowFacts } = {
  project: ({ project_id, projectName, description, status }) => ({
    id: project_id,
    name: projectName || description,
    status,
    summary: { description },
  }),
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
