import type { InventoryRow } from '../../../stores/inventory/port.ts';
import type { Listing, ResourceKind, ResourceLister } from '../../../providers/listing/lister.ts';
import { ProviderError } from '../../../providers/provider.ts';

const kinds = ['project', 'instance', 'volume', 'server'] as const satisfies readonly string[];

/** A cloud whose lists answer what a test says, when it says so. */
export interface ScriptedLister extends ResourceLister {
  /** What the list of projects answers, or is refused with. */
  projects: readonly string[] | ProviderError;
  /** What a list of a kind in a project is worth; throws what the cloud refuses with. Default: one resource. */
  script: (kind: string, project: string | null) => Promise<readonly InventoryRow[]>;
  /** Every list that was asked for, in order. */
  readonly asked: string[];
  /** The most lists that were under way at once. */
  mostAtOnce: number;
  reset(): void;
}

export function createScriptedLister(): ScriptedLister {
  let atOnce = 0;
  const one = async (kind: string, project: string | null) => [resource(kind, project, `${kind}-1`)];

  const list = async (kind: string, project: string | null, rows: () => Promise<readonly InventoryRow[]>) => {
    lister.asked.push(`${kind} ${project}`);
    lister.mostAtOnce = Math.max(lister.mostAtOnce, ++atOnce);
    try {
      return { rows: await rows(), complete: true, losses: [], source: 'cli', notice: null } satisfies Listing;
    } finally {
      atOnce--;
    }
  };

  const lister: ScriptedLister = {
    kinds: kinds.map((id): ResourceKind => ({ id, label: id, scope: scopeOf(id) })),
    projectKind: 'project',
    projects: ['p1', 'p2', 'p3'],
    script: one,
    asked: [],
    mostAtOnce: 0,
    listProjects: async () =>
      await list('project', null, async () => {
        if (lister.projects instanceof ProviderError) throw lister.projects;
        return lister.projects.map((id) => resource('project', null, id));
      }),
    listKind: async (_context, kind, project) =>
      await list(kind, project, async () => await lister.script(kind, project)),
    readiness: async () => ({ source: 'cli', version: '1', notice: null }),
    reset() {
      lister.projects = ['p1', 'p2', 'p3'];
      lister.script = one;
      lister.asked.length = 0;
      lister.mostAtOnce = 0;
    },
  };
  return lister;
}

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
  status: 'ACTIVE',
  project: projectId,
  url: null,
  source: 'rest',
  summary: {},
});

const scopeOf = (kind: string): ResourceKind['scope'] =>
  kind === 'project' || kind === 'server' ? 'account' : 'project';
