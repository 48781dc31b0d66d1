import type { JsonObject } from '../../../../platform/json.ts';
import type { Tables } from '../../../core/tables.ts';
import { awsPartitions } from '../accounts.ts';
import { createSeed, GLOBAL, kindNames, kinds, type Kind, type KindName, type Seed } from './kinds.ts';

export type Sizes = Partial<Record<KindName, number>>;

export interface Holder {
  readonly account: string;
  readonly region: string;
}

export interface Resource {
  readonly arn: string;
  readonly seed: Seed;
  /** What was changed by hand, in the words of the list that has it. */
  readonly changed: JsonObject;
}

/** So many generated ones, and what was done to them by their numbers; null = deleted. */
interface Collection {
  readonly size: number;
  readonly changed: Readonly<Record<string, JsonObject | null>>;
}

/** What the simulated accounts have, by region; buckets are under `global`. Nothing is generated before it is listed. */
export interface Resources {
  /** From an offset, at most so many; `next` = the offset of the rest. */
  slice(holder: Holder, kind: KindName, from: number, most: number): { rows: Resource[]; next: number | undefined };
  all(holder: Holder, kind: KindName): Resource[];
  resize(holder: Holder, sizes: Sizes): void;
  /** Lays fields over a resource, or deletes it (null). False where there is none. */
  change(holder: Holder, kind: KindName, arn: string, fields: JsonObject | null): boolean;
  sizes(holder: Holder): Sizes;
}

export function createResources(tables: Tables): Resources {
  const stored = tables.table<Collection>('aws.resources');
  const untouched = new Map<string, Collection>();
  // A stored collection is replaced, never changed: what was generated of it is good for as long as it is in the table.
  const generated = new WeakMap<Collection, ReadonlyMap<string, Resource>>();
  const keyOf = ({ account, region }: Holder, kind: KindName) => `${account}/${region}/${kind}`;

  function collectionOf(holder: Holder, kind: KindName): Collection {
    const key = keyOf(holder, kind);
    const found = stored.get(key) ?? untouched.get(key);
    if (found) return found;
    const fresh: Collection = { size: defaultSize(holder, kind), changed: {} };
    untouched.set(key, fresh);
    return fresh;
  }

  function byArn(holder: Holder, kind: KindName): ReadonlyMap<string, Resource> {
    const collection = collectionOf(holder, kind);
    let found = generated.get(collection);
    if (!found) generated.set(collection, (found = generate(holder, kind, collection)));
    return found;
  }

  const all = (holder: Holder, kind: KindName) => [...byArn(holder, kind).values()];
  const replace = (holder: Holder, kind: KindName, patch: Partial<Collection>) =>
    stored.put(keyOf(holder, kind), { ...collectionOf(holder, kind), ...patch });

  return {
    slice(holder, kind, from, most) {
      const rows = all(holder, kind);
      const end = from + most;
      return { rows: rows.slice(from, end), next: end < rows.length ? end : undefined };
    },
    all,
    resize(holder, sizes) {
      for (const [kind, size] of Object.entries(sizes) as [KindName, number][]) replace(holder, kind, { size });
    },
    change(holder, kind, arn, fields) {
      const found = byArn(holder, kind).get(arn);
      if (!found) return false;
      const { changed } = collectionOf(holder, kind);
      replace(holder, kind, {
        changed: { ...changed, [found.seed.index]: fields && { ...found.changed, ...fields } },
      });
      return true;
    },
    sizes: (holder) => Object.fromEntries(kindNames.map((kind) => [kind, byArn(holder, kind).size])),
  };
}

function generate(holder: Holder, kind: KindName, { size, changed }: Collection): ReadonlyMap<string, Resource> {
  const partition = partitionOf(holder.account);
  const rows = new Map<string, Resource>();
  for (let index = 0; index < size; index += 1) {
    const fields = changed[index];
    if (fields === null) continue;
    const seed = createSeed(partition, holder, kind, index);
    const arn = (kinds[kind] as Kind).arn(seed);
    rows.set(arn, { arn, seed, changed: fields ?? {} });
  }
  return rows;
}

const partitionOf = (account: string): string =>
  awsPartitions.find(({ customers }) => customers.some(({ id }) => id === account))?.id ?? 'aws';

const large: Sizes = {
  instances: 6,
  volumes: 8,
  vpcs: 2,
  eksClusters: 1,
  dbInstances: 2,
  dbClusters: 1,
  loadBalancers: 2,
  classicLoadBalancers: 1,
  functions: 5,
  repositories: 3,
  ecsClusters: 1,
};
const small: Sizes = { instances: 1, volumes: 1, vpcs: 1 };

/** The first customer of each partition has something, mostly in the partition's first region; the second has a network. */
function defaultSize({ account, region }: Holder, kind: KindName): number {
  const home = awsPartitions.find(({ customers }) => customers.some(({ id }) => id === account));
  const isFirst = home?.customers[0].id === account;
  if (region === GLOBAL) return kind === 'buckets' && isFirst ? 4 : 0;
  if (!isFirst) return kind === 'vpcs' ? 1 : 0;
  return (region === home?.region ? large : small)[kind] ?? 0;
}
