import type { InventoryRow } from '../../../stores/inventory/port.ts';
import type {
  AbsentRows,
  Absence,
  Listing,
  ListDefinition,
  ResourceLister,
} from '../../../providers/listing/lister.ts';
import type { DiscoveryManifest } from '../../../providers/manifests/types.ts';
import { ProviderError } from '../../../providers/provider.ts';

const scopes = { project: 'account', server: 'account', instance: 'project', volume: 'project' } as const;

export const scriptedManifest: DiscoveryManifest = {
  projectKind: 'project',
  sources: { cli: 'By a program', rest: 'By an API' },
  kinds: Object.entries(scopes).map(([id, scope]) => ({
    id,
    label: id,
    scope,
    needs: [`${id}:List`],
    grant: 'reader',
  })),
};

/** Each kind in a list of its own. */
const lists = scriptedManifest.kinds.flatMap(({ id, scope }): ListDefinition[] =>
  id === 'project' ? [] : [{ id, scope, kinds: [id] }],
);

/** A cloud whose lists answer what a test says, when it says so. */
export interface ScriptedLister extends ResourceLister {
  placesAtOnce?: number;
  /** What the list of projects answers, or is refused with. */
  projects: readonly string[] | ProviderError;
  /** What a list of a kind in a project is worth; throws what the cloud refuses with. Default: one resource. */
  script: (kind: string, project: string | null) => Promise<readonly InventoryRow[]>;
  /** What the second witness says. Default: what a list lacks is gone. */
  witness: (absent: AbsentRows) => Promise<Absence>;
  /** Every list that was asked for, in order. */
  readonly asked: string[];
  /** The most lists that were under way at once. */
  mostAtOnce: number;
  reset(): void;
}

export function createScriptedLister(): ScriptedLister {
  let atOnce = 0;
  const one = async (kind: string, project: string | null) => [resource(kind, project, `${kind}-1`)];
  const allGone = async ({ rows }: AbsentRows): Promise<Absence> => ({
    gone: new Set(rows.map(({ key }) => key)),
    there: new Set(),
    refused: null,
  });

  const list = async (kind: string, project: string | null, rows: () => Promise<readonly InventoryRow[]>) => {
    lister.asked.push(`${kind} ${project}`);
    lister.mostAtOnce = Math.max(lister.mostAtOnce, ++atOnce);
    try {
      return listingOf(kind, await rows());
    } finally {
      atOnce--;
    }
  };

  const lister: ScriptedLister = {
    manifest: scriptedManifest,
    lists,
    projects: ['p1', 'p2', 'p3'],
    script: one,
    witness: allGone,
    asked: [],
    mostAtOnce: 0,
    listProjects: async () =>
      await list('project', null, async () => {
        if (lister.projects instanceof ProviderError) throw lister.projects;
        return lister.projects.map((id) => resource('project', null, id));
      }),
    list: async (_context, { list: kind, projectId }) =>
      await list(kind, projectId, async () => await lister.script(kind, projectId)),
    confirmGone: async (_context, absent) => await lister.witness(absent),
    readiness: async () => ({ source: 'cli', version: '1', notice: null }),
    reset() {
      delete lister.placesAtOnce;
      lister.projects = ['p1', 'p2', 'p3'];
      lister.script = one;
      lister.witness = allGone;
      lister.asked.length = 0;
      lister.mostAtOnce = 0;
    },
  };
  return lister;
}

/** The complete list of one kind. */
export const listingOf = (kind: string, rows: readonly InventoryRow[]): Listing => ({
  kinds: [{ kind, outcome: 'listed', rows, losses: [] }],
  source: 'cli',
  notice: null,
});

export const refusal = (problemClass: ProviderError['class'], code = 'refused_by_test'): ProviderError =>
  new ProviderError({
    class: problemClass,
    problem: { code, message: 'It says no.', remedy: 'Nothing.' },
    delivery: 'answered',
  });

export const resource = (kind: string, projectId: string | null, id: string): InventoryRow => ({
  kind,
  key: id,
  id,
  name: `name of ${id}`,
  region: 'R1',
  zone: null,
  status: 'ACTIVE',
  createdAt: null,
  tags: {},
  nativeType: kind,
  project: projectId,
  url: null,
  consoleUrl: null,
  source: 'rest',
  summary: {},
});
