import type { Tables } from '../../../core/tables.ts';
import { HIDDEN_SECRET, kinds, type KindName, type KindOfResource, type Resource, type Sizes } from './kinds.ts';

export type Resources = ReadonlyMap<string, Resource>;

/** One project's resources of one kind: so many generated ones, and what was done to them. */
interface Collection {
  readonly size: number;
  /** By name: fields laid over what is generated, or the fields of one beside it; null = removed. */
  readonly changed: Readonly<Record<string, Partial<Resource> | null>>;
}

export interface Collections {
  /** All that have or had resources. */
  projects(): readonly string[];
  /** By name, in the order of the lists. */
  of(project: string, kind: KindName): Resources;
  resize(project: string, kind: KindName, size: number): void;
  /** Changes the resource of that name, or adds it. */
  put(project: string, kind: KindName, name: string, fields: Partial<Resource>): Resource;
  /** False where there was none. */
  remove(project: string, kind: KindName, name: string): boolean;
}

const web: Sizes = {
  instance: 12,
  disk: 14,
  regionDisk: 1,
  forwardingRule: 2,
  globalForwardingRule: 1,
  network: 2,
  cluster: 2,
  sql: 2,
  spanner: 1,
  alloydb: 1,
  bucket: 6,
  function: 3,
  service: 4,
  repository: 2,
};
const small: Sizes = { instance: 3, disk: 3, network: 1, bucket: 4, sql: 1 };

/** Of the projects that are there from the start. */
const initially: Readonly<Record<string, Sizes>> = {
  'lindqvist-web': web,
  'lindqvist-data': small,
  'lindqvist-lab': { instance: 1, disk: 1, network: 1 },
  'okafor-shop': { ...small, service: 2, repository: 1 },
};

export function createCollections(tables: Tables): Collections {
  const stored = tables.table<Collection & { readonly project: string }>('gcp.collections');
  const untouched = new Map<string, Collection>();
  // A stored collection is replaced, never changed: what was made of it is good for as long as it is the one stored.
  const made = new WeakMap<Collection, Resources>();
  const keyOf = (project: string, kind: KindName) => `${project}/${kind}`;

  function collectionOf(project: string, kind: KindName): Collection {
    const key = keyOf(project, kind);
    const found = stored.get(key) ?? untouched.get(key);
    if (found) return found;
    const fresh: Collection = { size: initially[project]?.[kind] ?? 0, changed: {} };
    untouched.set(key, fresh);
    return fresh;
  }

  function of(project: string, kind: KindName): Resources {
    const collection = collectionOf(project, kind);
    let found = made.get(collection);
    if (!found) made.set(collection, (found = resourcesOf(project, kind, collection)));
    return found;
  }

  const replace = (project: string, kind: KindName, patch: Partial<Collection>) =>
    stored.put(keyOf(project, kind), { ...collectionOf(project, kind), ...patch, project });

  return {
    projects: () => [...new Set([...Object.keys(initially), ...[...stored.values()].map(({ project }) => project)])],
    of,
    resize: (project, kind, size) => replace(project, kind, { size }),
    put(project, kind, name, fields) {
      const { changed } = collectionOf(project, kind);
      replace(project, kind, { changed: { ...changed, [name]: { ...changed[name], ...fields } } });
      return of(project, kind).get(name) ?? generated(project, kind, 0);
    },
    remove(project, kind, name) {
      if (!of(project, kind).has(name)) return false;
      replace(project, kind, { changed: { ...collectionOf(project, kind).changed, [name]: null } });
      return true;
    },
  };
}

function resourcesOf(project: string, kind: KindName, { size, changed }: Collection): Resources {
  const resources = new Map<string, Resource>();
  for (let index = 0; index < size; index += 1) {
    const fresh = generated(project, kind, index);
    resources.set(fresh.name, fresh);
  }
  for (const [name, fields] of Object.entries(changed)) {
    if (fields === null) resources.delete(name);
    else resources.set(name, { ...(resources.get(name) ?? generated(project, kind, 0)), ...fields, name });
  }
  return resources;
}

const FIRST_MOMENT_MS = Date.parse('2024-09-01T00:00:00Z');
const HOUR_MS = 3_600_000;

/** Always the same for the same project, kind and number. */
function generated(project: string, kind: KindName, index: number): Resource {
  const { locations, state, isLabelled = true }: KindOfResource = kinds[kind];
  const labels = {
    env: index % 3 === 0 ? 'production' : 'test',
    ...(index % 5 === 0 && { db_password: HIDDEN_SECRET }),
  };
  const word = kind.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return {
    // A bucket's name is taken once in the world.
    name: kind === 'bucket' ? `${project}-bucket-${index + 1}` : `${word}-${index + 1}`,
    location: locations[index % locations.length] ?? 'global',
    labels: isLabelled ? labels : {},
    createdAt: new Date(FIRST_MOMENT_MS + index * HOUR_MS).toISOString().replace('.000Z', 'Z'),
    state,
  };
}
