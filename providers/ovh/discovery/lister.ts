import type { Clock } from '../../../platform/clock.ts';
import type { Problem } from '../../../contracts/problem.ts';
import type { Cli } from '../../cli/run-cli.ts';
import type { Http } from '../../http/http.ts';
import type { ListContext, Listing, ListingSource, ResourceLister } from '../../listing/lister.ts';
import { ProviderError } from '../../provider.ts';
import { ovhKinds, type OvhKindId } from './kinds.ts';
import type { RawListing } from './program-output.ts';
import { programUnusableCodes } from './program-problems.ts';
import { createProbe, listByProgram, type ProgramLimits } from './program.ts';
import { createRestApi, restPlans } from './rest.ts';
import { readRows } from './rows.ts';

export interface OvhListerDependencies {
  readonly cli: Cli;
  /** Path of the `ovhcloud` program; where it cannot be used, everything goes over the REST API. */
  readonly program: string;
  readonly http: Http;
  readonly clock: Clock;
  /** Of one run of the program, which itself gives up only after 180 s a request. */
  readonly limits?: ProgramLimits;
}

/** Below the activity's own five minutes, so that it hears why; 64 MB are about 30,000 instances. */
const LIMITS: ProgramLimits = { timeoutMs: 270_000, maxBytes: 64_000_000 };

/** OVHcloud's resources: by the `ovhcloud` program where it can be used, else by the same requests of our own. */
export function createOvhLister(deps: OvhListerDependencies): ResourceLister {
  const { cli, program, limits = LIMITS } = deps;
  const probe = createProbe(deps);

  const list = async (context: ListContext, kind: OvhKindId, projectId: string | null): Promise<Listing> => {
    const probed = await probe();
    let notice = probed.outcome === 'unusable' ? probed.problem : null;
    if (probed.outcome === 'ready') {
      try {
        const raw = await listByProgram({ cli, program, limits }, context, kind, projectId);
        return listingOf({ kind, projectId, raw, source: 'cli', notice: null });
      } catch (error) {
        // For this kind alone: the program lacks the command, or has just been removed.
        if (!(error instanceof ProviderError) || !programUnusableCodes.has(error.problem.code)) throw error;
        notice = error.problem;
      }
    }
    const api = createRestApi(deps, context);
    const rows = await restPlans[kind](api, projectId === null ? '' : `/cloud/project/${projectId}`);
    return listingOf({ kind, projectId, raw: { rows, losses: api.losses }, source: 'rest', notice });
  };

  return {
    kinds: ovhKinds,
    projectKind: 'project',
    listProjects: async (context) => await list(context, 'project', null),
    listKind: async (context, kindId, projectId) => {
      const kind = ovhKinds.find(({ id }) => id === kindId);
      if (kind === undefined) throw new RangeError(`OVHcloud has no kind "${kindId}".`);
      return await list(context, kind.id, kind.scope === 'project' ? checkedProject(projectId) : null);
    },
    readiness: async () => {
      const probed = await probe();
      return probed.outcome === 'ready'
        ? { source: 'cli', version: probed.version, notice: null }
        : { source: 'rest', version: null, notice: probed.problem };
    },
  };
}

interface Listed {
  readonly kind: OvhKindId;
  readonly projectId: string | null;
  readonly raw: RawListing;
  readonly source: ListingSource;
  readonly notice: Problem | null;
}

function listingOf({ kind, projectId, raw, source, notice }: Listed): Listing {
  // A token that died half-way: after a refresh the list is better asked for anew than kept in part.
  const dead = raw.losses.find((loss) => loss.class === 'revoked');
  if (dead) throw new ProviderError({ class: dead.class, problem: dead.problem, delivery: 'answered' });
  const { rows, losses: unread } = readRows({ kind, project: projectId, source }, raw.rows);
  const losses = [...raw.losses, ...unread];
  return { rows, complete: losses.length === 0, losses, source, notice };
}

/** It becomes an argument and part of a path: nothing that could be read as a flag or as another path. */
function checkedProject(projectId: string | null): string {
  if (projectId !== null && /^[A-Za-z0-9][\w-]{0,63}$/.test(projectId)) return projectId;
  const problem = {
    code: 'project_invalid',
    message: `"${projectId ?? ''}" is not the id of a Public Cloud project.`,
    remedy: 'Use the id as the list of projects gives it: 32 hexadecimal digits.',
  };
  throw new ProviderError({ class: 'config', problem, delivery: 'not_sent' });
}
