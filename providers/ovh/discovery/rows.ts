import type { Static } from 'typebox';
import { Value } from 'typebox/value';

import { plainText } from '../../../contracts/plain-text.ts';
import type { Json } from '../../../platform/json.ts';
import { REDACTED } from '../../../platform/redaction.ts';
import type { InventoryRow } from '../../../stores/inventory/port.ts';
import type { Loss } from '../../listing/lister.ts';
import { consolePage } from './console-pages.ts';
import { rowUnreadable } from './errors.ts';
import { rowSchemas, type OvhKindId } from './kinds.ts';
import { isCredential, readTags } from './tags.ts';

/** What all rows of one list have in common. */
export interface Listed {
  readonly kind: OvhKindId;
  readonly project: string | null;
  readonly source: string;
  /** The region of the connection: each has a control panel of its own. */
  readonly endpoint: string;
}

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
    if (facts === undefined) losses.push(rowUnreadable(`${listed.kind}[${index}]`));
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

const LONGEST_NAME = 128;
const LONGEST_VALUE = 256;

/** Only what a schema names is kept: rows hold secrets (`rescuePassword`, `token`, …). */
function rowOf({ kind, project, source, endpoint }: Listed, facts: RowFacts): InventoryRow {
  const { id, name, region, zone, status, createdAt, tags, url, summary } = facts;
  const known = Object.entries(summary).filter((entry): entry is [string, Json] => entry[1] !== undefined);
  return {
    key: keyOf(kind, id, region ?? null),
    kind,
    project,
    id,
    name: shown(name ?? '', LONGEST_NAME) || id,
    region: region ?? null,
    zone: zone ?? null,
    status: status ?? null,
    createdAt: momentOf(createdAt),
    tags: readTags(tags),
    nativeType: nativeTypes[kind],
    url: url ? withScheme(url) : null,
    consoleUrl: consolePage(endpoint, kind, id, project),
    source,
    summary: Object.fromEntries(known.map(([field, value]) => [field, shownJson(value)])),
  };
}

/** Networks and buckets are in a region each: the same id may be there again in another one. */
const keyOf = (kind: OvhKindId, id: string, region: string | null): string =>
  (kind === 'private_network' || kind === 'object_storage_s3') && region ? `${id}@${region}` : id;

/** The API writes moments with and without milliseconds, and with the offset of its own summer time. */
function momentOf(text: string | null | undefined): string | null {
  const milliseconds = Date.parse(text ?? '');
  return Number.isNaN(milliseconds) ? null : new Date(milliseconds).toISOString();
}

/** A name or a description is whatever somebody typed: a password too. */
const shown = (text: string, longest: number): string => (isCredential(text) ? REDACTED : plainText(text, longest));

function shownJson(value: Json): Json {
  if (typeof value === 'string') return shown(value, LONGEST_VALUE);
  return Array.isArray(value) ? value.map(shownJson) : value;
}

/** Kubernetes clusters give a bare host name. */
const withScheme = (url: string): string => (url.includes('://') ? url : `https://${url}`);

const nativeTypes: Readonly<Record<OvhKindId, string>> = {
  project: 'ovh:cloud/project',
  instance: 'ovh:cloud/instance',
  kubernetes: 'ovh:cloud/kube',
  database: 'ovh:cloud/database/service',
  load_balancer: 'ovh:cloud/loadbalancer',
  registry: 'ovh:cloud/containerRegistry',
  private_network: 'ovh:cloud/network/private',
  volume: 'ovh:cloud/volume',
  object_storage_s3: 'ovh:cloud/region/storage',
  object_storage_swift: 'ovh:cloud/storage',
  dedicated_server: 'ovh:dedicated/server',
};

type Maybe<T> = T | null | undefined;

/** What one row says. `summary` has no fact that moves by itself (sizes, counts of objects): it would look changed each hour. */
interface RowFacts {
  readonly id: string;
  readonly name?: Maybe<string>;
  readonly region?: Maybe<string>;
  readonly zone?: Maybe<string>;
  readonly status?: Maybe<string>;
  readonly createdAt?: Maybe<string>;
  readonly tags?: Maybe<Readonly<Record<string, unknown>>>;
  readonly url?: Maybe<string>;
  readonly summary: Readonly<Record<string, Json | undefined>>;
}

type Row<K extends OvhKindId> = Static<(typeof rowSchemas)[K]>;

const rowFacts: { readonly [K in OvhKindId]: (row: Row<K>) => RowFacts } = {
  project: ({ project_id, projectName, description, status, creationDate, iam }) => ({
    id: project_id,
    name: projectName || description,
    status,
    createdAt: creationDate,
    tags: iam?.tags,
    summary: { description },
  }),
  instance: ({ flavor, ipAddresses, created, availabilityZone, ...row }) => ({
    ...named(row),
    zone: availabilityZone,
    createdAt: created,
    summary: {
      flavor: typeof flavor === 'string' ? flavor : flavor?.name,
      ipAddresses: ipAddresses?.map(({ ip }) => ip).filter((ip) => typeof ip === 'string'),
    },
  }),
  kubernetes: ({ url, version, plan, createdAt, ...row }) => ({
    ...named(row),
    url,
    createdAt,
    summary: { version, plan },
  }),
  database: ({ id, description, status, engine, version, plan, nodes, createdAt }) => {
    const regions = [...new Set(nodes?.map(({ region }) => region).filter((region) => typeof region === 'string'))];
    return {
      id,
      name: description,
      status,
      region: regions[0],
      createdAt,
      summary: { engine, version, plan, nodes: nodes?.length, regions },
    };
  },
  load_balancer: ({ size, address, createdAt, ...row }) => ({
    ...named(row),
    createdAt,
    summary: { size, ipv4: address?.ipv4 },
  }),
  registry: ({ url, version, plan, deploymentMode, createdAt, ...row }) => ({
    ...named(row),
    url,
    createdAt,
    summary: { version, plan: plan?.name, deploymentMode },
  }),
  private_network: ({ vlanId, openstackId, ...row }) => ({ ...named(row), summary: { vlanId, openstackId } }),
  volume: ({ size, type, attachedTo, availabilityZone, creationDate, ...row }) => ({
    ...named(row),
    zone: availabilityZone,
    createdAt: creationDate,
    summary: { sizeGb: size, type, attachedTo },
  }),
  object_storage_s3: ({ name, region, virtualHost, createdAt }) => ({
    id: name,
    name,
    region,
    url: virtualHost,
    createdAt,
    summary: {},
  }),
  object_storage_swift: ({ id, name, region, containerType }) => ({ id, name, region, summary: { containerType } }),
  dedicated_server: ({ name, region, availabilityZone, state, datacenter, ip, os, commercialRange, iam }) => ({
    id: name,
    name: iam?.displayName || name,
    region,
    zone: availabilityZone,
    status: state,
    tags: iam?.tags,
    summary: { datacenter, ip, os, commercialRange, urn: iam?.urn },
  }),
};

type Named = Pick<RowFacts, 'id' | 'name' | 'region' | 'status'>;

const named = ({ id, name, region, status }: Named): Named => ({ id, name, region, status });
