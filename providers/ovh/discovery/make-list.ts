import type { Problem } from '../../../contracts/problem.ts';
import type { Cli } from '../../cli/run-cli.ts';
import type { ListContext, ListFailure, Loss } from '../../listing/lister.ts';
import { ProviderError } from '../../provider.ts';
import { failureOf, isDenied, isRateLimited } from './errors.ts';
import type { OvhKindId } from './kinds.ts';
import type { Pace } from './pace.ts';
import { programPaused } from './problems.ts';
import type { RawListing } from './program-output.ts';
import { programUnusableCodes } from './program-problems.ts';
import { listByProgram, type ProbeResult, type ProgramLimits } from './program.ts';
import { finishRows, restPlans } from './rest-plans.ts';
import { isRow, type RestApi } from './rest.ts';

interface MakeListDependencies {
  readonly cli: Cli;
  readonly program: string;
  readonly limits: ProgramLimits;
  readonly probe: () => Promise<ProbeResult>;
}

interface ListToMake {
  readonly context: ListContext;
  readonly kind: OvhKindId;
  readonly projectId: string | null;
  readonly api: RestApi;
  readonly pace: Pace;
}

type Source = 'cli' | 'rest';

/** A list before its rows are read. */
export interface MadeList {
  readonly source: Source;
  /** Why the program was not used. */
  readonly notice: Problem | null;
  /** Rows by the way in which they came: what the program lost may have been read over REST. */
  readonly parts: readonly { readonly source: Source; readonly rows: readonly unknown[] }[];
  readonly losses: readonly Loss[];
  /** Set where the right to list this kind is missing. */
  readonly denied: ListFailure | null;
}

/** One list, by the program or over REST. Throws `ProviderError`, or the signal's reason. */
export function createMakeList({ cli, program, limits, probe }: MakeListDependencies) {
  async function byProgram(list: ListToMake): Promise<MadeList> {
    const { context, kind, projectId, pace, api } = list;
    await api.opened();
    const raw = await listByProgram({ cli, program, limits }, context, kind, projectId);
    const late = raw.losses.filter(isRateLimited);
    if (late.length > 0) {
      pace.refused();
      return await finished(list, raw, late);
    }
    const byIt = { source: 'cli', notice: null, denied: null } as const;
    if (raw.rows.length > 0 || raw.losses.length > 0) {
      return { ...byIt, parts: [{ source: 'cli', rows: wholeRows(kind, raw) }], losses: raw.losses };
    }
    // The program prints the same for an empty list, a `null`, an answer without a body, and a redirect that ends in `[]`.
    const again = await overRest(list, null);
    const isEmpty = again.denied === null && again.losses.length === 0 && countOf(again) === 0;
    return isEmpty ? { ...byIt, parts: [], losses: [] } : again;
  }

  return async (list: ListToMake): Promise<MadeList> => {
    const probed = await probe();
    if (probed.outcome === 'unusable') return await overRest(list, probed.problem);
    try {
      return await byProgram(list);
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      if (isDenied(error)) return deniedList('cli', null, error);
      // For this kind alone: the program lacks the command, or has just been removed.
      if (programUnusableCodes.has(error.problem.code)) return await overRest(list, error.problem);
      if (!isRateLimited(error)) throw error;
      list.pace.refused();
      return await overRest(list, programPaused);
    }
  };
}

async function overRest(list: ListToMake, notice: Problem | null): Promise<MadeList> {
  const { kind, projectId, api } = list;
  try {
    const rows = await restPlans[kind](api, projectId);
    return { source: 'rest', notice, parts: [{ source: 'rest', rows }], losses: api.losses, denied: null };
  } catch (error) {
    if (error instanceof ProviderError && isDenied(error)) return deniedList('rest', notice, error);
    throw error;
  }
}

const deniedList = (source: Source, notice: Problem | null, error: ProviderError): MadeList => ({
  source,
  notice,
  parts: [],
  losses: [],
  denied: failureOf(error),
});

/** The program can't wait: what was refused to it is read over REST, where the cloud says how long to wait. */
async function finished(list: ListToMake, raw: RawListing, late: readonly Loss[]): Promise<MadeList> {
  const { api } = list;
  const others = raw.losses.filter((loss) => !late.includes(loss));
  const { rows, areAll } = await finishRows(
    api,
    list,
    late.map(({ path }) => path),
  );
  return {
    source: 'cli',
    notice: null,
    parts: [
      { source: 'cli', rows: areAll ? [] : raw.rows },
      { source: 'rest', rows },
    ],
    losses: [...others, ...api.losses],
    denied: null,
  };
}

/** A registry without its region's details looks like one that has changed: what was kept of it stays. */
const wholeRows = (kind: OvhKindId, { rows, losses }: RawListing): readonly unknown[] =>
  kind === 'registry' && losses.length > 0 ? rows.filter((row) => isRow(row) && 'deploymentMode' in row) : rows;

const countOf = ({ parts }: MadeList): number => parts.reduce((sum, { rows }) => sum + rows.length, 0);
