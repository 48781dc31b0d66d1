import type { JsonObject } from '../../../../platform/json.ts';
import type { Tables } from '../../../core/tables.ts';
import { createCollections, type Collections } from './collections.ts';
import type { Project } from './defaults.ts';
import { kindNames, kinds, type KindName } from './kinds/index.ts';
import { PROJECT_PRODUCT, projectRow, createProjects, type Projects } from './projects.ts';
import { createSeed } from './seed.ts';

/** What the simulated accounts have. It is the same in each of the three API regions, but for the URNs. */
export interface Inventory {
  readonly projects: Projects;
  readonly collections: Collections;
  projectRow(project: Project, short: string): JsonObject;
  /** The row as the API shows it in that region; undefined where there is none. */
  row(owner: string, kind: KindName, id: string, short: string): JsonObject | undefined;
  /** Everything of an account that IAM knows, over all products. */
  iamRows(account: string, short: string): JsonObject[];
  /** Passwords that stand in rows, of all accounts. */
  rescuePasswords(): string[];
}

export function createInventory(tables: Tables): Inventory {
  const projects = createProjects(tables);
  const collections = createCollections(tables);

  const iamOfProject = ({ id, name }: Project): IamResource => ({
    product: PROJECT_PRODUCT,
    name: id,
    displayName: name,
  });

  function iamOf(kind: KindName, id: string, row: JsonObject): IamResource | undefined {
    const { product }: { product?: string } = kinds[kind];
    if (product === undefined) return undefined;
    const { displayName } = row;
    return { product, name: id, displayName: typeof displayName === 'string' ? displayName : id };
  }

  return {
    projects,
    collections,
    projectRow: (project, short) => withIam(projectRow(project), short, iamOfProject(project)),
    row(owner, kind, id, short) {
      const row = collections.rows(owner, kind).get(id);
      const resource = row && iamOf(kind, id, row);
      return resource ? withIam(row, short, resource) : row;
    },
    iamRows: (account, short) => [
      ...projects.list(account).map((project) => iamRow(short, account, iamOfProject(project))),
      ...kindNames.flatMap((kind) =>
        [...collections.rows(account, kind)].flatMap(([id, row]) => {
          const resource = iamOf(kind, id, row);
          return resource ? [iamRow(short, account, resource)] : [];
        }),
      ),
    ],
    rescuePasswords: () =>
      projects
        .list()
        .flatMap(({ id }) => [...collections.rows(id, 'instance').values()])
        .map((row) => row['rescuePassword'])
        .filter((password) => typeof password === 'string'),
  };
}

/** A resource as OVHcloud's IAM names it; `short` is the API region's (`eu`). */
export interface IamResource {
  readonly product: string;
  readonly name: string;
  readonly displayName: string;
}

const urnOf = (short: string, { product, name }: IamResource) => `urn:v1:${short}:resource:${product}:${name}`;
const idOf = ({ product, name }: IamResource) => createSeed(name, product, 0).uuid('iam');

/** The block that products with an identity of their own carry in their rows. */
const withIam = (row: JsonObject, short: string, resource: IamResource): JsonObject => ({
  ...row,
  iam: {
    displayName: resource.displayName,
    id: idOf(resource),
    state: 'OK',
    tags: { environment: resource.displayName },
    urn: urnOf(short, resource),
  },
});

/** A row of `/v2/iam/resource`. */
const iamRow = (short: string, owner: string, resource: IamResource): JsonObject => ({
  displayName: resource.displayName,
  id: idOf(resource),
  name: resource.name,
  owner,
  type: resource.product,
  urn: urnOf(short, resource),
});
