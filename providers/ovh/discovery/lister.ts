import type { Clock } from '../../../platform/clock.ts';
import type { Cli } from '../../cli/run-cli.ts';
import type { Http } from '../../http/http.ts';
import type {
  AbsentRows,
  Absence,
  KindListing,
  ListContext,
  Listing,
  Loss,
  ResourceLister,
} from '../../listing/lister.ts';
import { ProviderError } from '../../provider.ts';
import { discovery } from '../manifest/discovery.ts';
import { kindOf, ovhLists, type OvhKindId } from './kinds.ts';
import { createMakeList, type MadeList } from './make-list.ts';
import { createPaces } from './pace.ts';
import { callUnauthorized } from './problems.ts';
import { createProbe, type ProgramLimits } from './program.ts';
import { createRestApi, type RestApi } from './rest.ts';
import { readRows, type Listed } from './rows.ts';
import { askAboutAbsent } from './witness.ts';

export interface OvhListerDependencies {
  readonly cli: Cli;
  /** Path of the `ovhcloud` program; where it cannot be used, everything goes over the REST API. */
  readonly program: string;
  readonly http: Http;
  readonly clock: Clock;
  /** Of one run of the program, which itself gives up only after 180 s a request; and of one list over REST. */
  readonly limits?: ProgramLimits;
  /** Waits so many milliseconds, where OVHcloud asks for fewer requests. */
  readonly pause?: (milliseconds: number) => Promise<unknown>;
}

/** Below the activity's own five minutes, so that it hears why; 64 MB are about 30,000 instances. */
const LIMITS: ProgramLimits = { timeoutMs: 270_000, maxBytes: 64_000_000 };

/** OVHcloud's resources: by the `ovhcloud` program where it can be used, else by the same requests of our own. */
export function createOvhLister(deps: OvhListerDependencies): ResourceLister {
  const { clock, limits = LIMITS } = deps;
  const probe = createProbe(deps);
  const paceOf = createPaces(deps);
  const makeList = createMakeList({ ...deps, limits, probe });

  /** The API for one list. Lists of one connection share their pace. */
  const open = (context: ListContext, kind: OvhKindId): RestApi => {
    const pace = paceOf(context.connectionId);
    return createRestApi(deps, context, { kind, pace, endsAtMs: clock.now() + limits.timeoutMs });
  };

  const list = async (context: ListContext, kind: OvhKindId, projectId: string | null): Promise<Listing> => {
    const api = open(context, kind);
    try {
      const made = await makeList({ context, kind, projectId, api, pace: paceOf(context.connectionId) });
      const listed = { kind, project: projectId, endpoint: context.region.manifest.id };
      return { kinds: [await kindListing(api, listed, made)], source: made.source, notice: made.notice };
    } catch (error) {
      throw await judgedAgain(api, error);
    }
  };

  return {
    manifest: discovery,
    lists: ovhLists,
    listProjects: async (context) => await list(context, 'project', null),
    list: async (context, request) => {
      const kind = kindOf(request.list);
      return await list(context, kind.id, kind.scope === 'project' ? checkedProject(request.projectId) : null);
    },
    confirmGone: async (context, absent): Promise<Absence> => {
      const api = open(context, kindOf(absent.kind).id);
      try {
        return await askAboutAbsent(api, checkedRows(absent));
      } catch (error) {
        throw await judgedAgain(api, error);
      }
    },
    readiness: async () => {
      const probed = await probe();
      return probed.outcome === 'ready'
        ? { source: 'cli', version: probed.version, notice: null }
        : { source: 'rest', version: null, notice: probed.problem };
    },
  };
}

async function kindListing(api: RestApi, listed: Omit<Listed, 'source'>, made: MadeList): Promise<KindListing> {
  const { kind } = listed;
  if (made.denied) return { kind, outcome: 'failed', failure: made.denied };
  const read = made.parts.map(({ source, rows }) => readRows({ ...listed, source }, rows));
  const rows = new Map(read.flatMap((part) => part.rows).map((row) => [row.key, row]));
  const losses = [...made.losses, ...read.flatMap((part) => part.losses)];
  return { kind, outcome: 'listed', rows: [...rows.values()], losses: await judgedLosses(api, losses) };
}

/** A token that died half-way: after a refresh the list is better asked for anew than kept in part. */
async function judgedLosses(api: RestApi, losses: readonly Loss[]): Promise<readonly Loss[]> {
  const refused = losses.find((loss) => loss.class === 'revoked');
  if (!refused) return losses;
  if (!(await api.acceptsCredential())) {
    throw new ProviderError({ class: 'revoked', problem: refused.problem, delivery: 'answered' });
  }
  return losses.map((loss) =>
    loss.class === 'revoked' ? { ...loss, class: 'transient', problem: callUnauthorized(loss.problem) } : loss,
  );
}

/**
 * One refused call is one refused call: whether the credential itself has ended, only the account's own call says. A
 * connection must not wait for a person because of one list.
 */
async function judgedAgain(api: RestApi, error: unknown): Promise<unknown> {
  if (!(error instanceof ProviderError) || error.class !== 'revoked') return error;
  if (!(await api.acceptsCredential())) return error;
  return new ProviderError({ class: 'transient', problem: callUnauthorized(error.problem), delivery: 'answered' });
}

const checkedRows = (absent: AbsentRows): AbsentRows =>
  kindOf(absent.kind).scope === 'project' ? { ...absent, projectId: checkedProject(absent.projectId) } : absent;

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
