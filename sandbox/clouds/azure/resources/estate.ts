import type { JsonObject } from '../../../../platform/json.ts';
import type { Tables } from '../../../core/tables.ts';
import { subscriptions } from '../directory.ts';
import type { AzureCloud } from '../settings.ts';
import { azureKinds, PLANTED, sqlServer, typesByKind, type AzureKind, type TypeDefinition } from './types.ts';

/** A resource in full, as Azure keeps it. */
export interface AzureResource {
  /** As Azure Resource Manager writes it. */
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly group: string;
  readonly created: string;
  readonly power: string | null;
  readonly body: JsonObject;
}

export type AzureSizes = Readonly<Partial<Record<AzureKind, number>>>;

/** How many there are in a subscription, and what was done to them; replaced as a whole with each change. */
interface Stored {
  readonly sizes: AzureSizes;
  /** By id in lower case: fields laid over the resource; null = deleted. */
  readonly changed: Readonly<Record<string, JsonObject | null>>;
  /** In lower case. */
  readonly deletedGroups: readonly string[];
}

/** What is in the subscriptions of one simulated cloud. */
export interface Estate {
  /** In the order of their ids; the same array for as long as nothing was changed. */
  resources(cloud: AzureCloud, subscription: string): readonly AzureResource[];
  find(cloud: AzureCloud, id: string): AzureResource | undefined;
  hasGroup(cloud: AzureCloud, subscription: string, group: string): boolean;
  sizes(cloud: AzureCloud, subscription: string): AzureSizes;
  resize(cloud: AzureCloud, subscription: string, sizes: AzureSizes): void;
  /** Lays fields over the resource with that id, or deletes it with null; false where there is none. */
  change(cloud: AzureCloud, id: string, fields: JsonObject | null): boolean;
  deleteGroup(cloud: AzureCloud, subscription: string, group: string): void;
}

const large: AzureSizes = {
  instance: 14,
  volume: 10,
  kubernetes: 2,
  database: 6,
  object_storage: 5,
  load_balancer: 3,
  function: 3,
  registry: 1,
  private_network: 3,
  container_service: 4,
};
const small: AzureSizes = {
  instance: 3,
  volume: 2,
  database: 1,
  object_storage: 2,
  private_network: 1,
  container_service: 2,
};
const initial: Readonly<Record<string, AzureSizes>> = { Production: large, Staging: small, 'Okafor main': small };

const GROUPS = ['Web', 'Data', 'Shared'];
const PLACES = ['westeurope', 'northeurope', 'germanywestcentral'];
const FIRST_MS = Date.parse('2025-01-01T00:00:00Z');
const HOUR_MS = 3_600_000;

const subscriptionIn = (id: string): string => /^\/subscriptions\/([^/]+)/i.exec(id)?.[1]?.toLowerCase() ?? '';

export function createEstate(tables: Tables): Estate {
  const stored = tables.table<Stored>('azure.estates');
  const untouched = new Map<string, Stored>();
  // What is stored is replaced, never changed: what was made of it holds for as long as it is the one in the table.
  const made = new WeakMap<Stored, Made>();
  const keyOf = (cloud: AzureCloud, subscription: string) => `${cloud.id}/${subscription.toLowerCase()}`;

  function of(cloud: AzureCloud, subscription: string): Stored {
    const key = keyOf(cloud, subscription);
    const found = stored.get(key) ?? untouched.get(key);
    if (found) return found;
    const name = subscriptions.find(({ id }) => id === subscription.toLowerCase())?.name ?? '';
    const fresh = { sizes: initial[name] ?? {}, changed: {}, deletedGroups: [] };
    untouched.set(key, fresh);
    return fresh;
  }
  function all(cloud: AzureCloud, subscription: string): Made {
    const estate = of(cloud, subscription);
    let found = made.get(estate);
    if (!found) made.set(estate, (found = make(subscription.toLowerCase(), estate)));
    return found;
  }
  const replace = (cloud: AzureCloud, subscription: string, patch: Partial<Stored>) =>
    stored.put(keyOf(cloud, subscription), { ...of(cloud, subscription), ...patch });
  const find: Estate['find'] = (cloud, id) => all(cloud, subscriptionIn(id)).byId.get(id.toLowerCase());

  return {
    find,
    resources: (cloud, subscription) => all(cloud, subscription).inOrder,
    hasGroup: (cloud, subscription, group) =>
      GROUPS.some((known) => known.toLowerCase() === group.toLowerCase()) &&
      !of(cloud, subscription).deletedGroups.includes(group.toLowerCase()),
    sizes: (cloud, subscription) => of(cloud, subscription).sizes,
    resize: (cloud, subscription, sizes) =>
      replace(cloud, subscription, { sizes: { ...of(cloud, subscription).sizes, ...sizes } }),
    change(cloud, id, fields) {
      const subscription = subscriptionIn(id);
      if (!find(cloud, id)) return false;
      const { changed } = of(cloud, subscription);
      const key = id.toLowerCase();
      replace(cloud, subscription, { changed: { ...changed, [key]: fields && { ...changed[key], ...fields } } });
      return true;
    },
    deleteGroup(cloud, subscription, group) {
      const { deletedGroups } = of(cloud, subscription);
      replace(cloud, subscription, { deletedGroups: [...deletedGroups, group.toLowerCase()] });
    },
  };
}

interface Made {
  readonly inOrder: readonly AzureResource[];
  readonly byId: ReadonlyMap<string, AzureResource>;
}

function make(subscription: string, { sizes, changed, deletedGroups }: Stored): Made {
  const resources: AzureResource[] = [];
  for (const kind of azureKinds) {
    const types: readonly TypeDefinition[] = typesByKind[kind];
    for (let index = 0; index < (sizes[kind] ?? 0); index += 1) {
      const definition = types[index % types.length];
      if (definition) resources.push(generate(subscription, definition, index + 1));
    }
  }
  if (resources.some(({ type }) => type.startsWith(`${sqlServer.type}/`))) {
    const [database] = typesByKind.database;
    resources.push(generate(subscription, sqlServer, 1));
    resources.push(generate(subscription, database, 0));
  }
  const kept = resources
    .filter(({ id, group }) => changed[id.toLowerCase()] !== null && !deletedGroups.includes(group.toLowerCase()))
    .map((resource): AzureResource => {
      const fields = changed[resource.id.toLowerCase()];
      return fields ? { ...resource, body: { ...resource.body, ...fields } } : resource;
    });
  const inOrder = kept.sort((a, b) => (a.id < b.id ? -1 : 1));
  return { inOrder, byId: new Map(inOrder.map((resource) => [resource.id.toLowerCase(), resource])) };
}

/** Number 0 of the databases is the server's own, which people do not count as theirs. */
function generate(subscription: string, definition: TypeDefinition, number: number): AzureResource {
  const { type, prefix, parent, kind, sku, isZonal, power, properties } = definition;
  const group = parent === undefined && type !== sqlServer.type ? (GROUPS[number % GROUPS.length] ?? '') : 'Data';
  const own = type === sqlServer.type ? (parent ?? 'sql-1') : number === 0 ? 'master' : `${prefix}-${number}`;
  const [namespace = '', ...segments] = type.split('/');
  const names = parent === undefined ? [own] : [parent, own];
  const path = segments.map((segment, index) => `${segment}/${names[index]}`).join('/');
  const id = `/subscriptions/${subscription}/resourceGroups/${group}/providers/${namespace}/${path}`;
  const created = new Date(FIRST_MS + number * HOUR_MS).toISOString().replace('.000Z', '.1234567+00:00');
  const tags = {
    team: `team-${number % 4}`,
    ...(number % 3 === 1 && { password: PLANTED, dsn: `AccountName=store;AccountKey=${PLANTED}` }),
  };
  return {
    id,
    name: own,
    type,
    group,
    created,
    power: power?.(number) ?? null,
    body: {
      id,
      name: names.join('/'),
      type,
      location: PLACES[number % PLACES.length] ?? '',
      tags,
      ...(kind !== undefined && { kind }),
      ...(sku !== undefined && { sku: { name: sku } }),
      ...(isZonal && { zones: [String(1 + (number % 3))] }),
      properties: properties(number, created),
    },
  };
}
