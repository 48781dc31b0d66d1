import { CallError } from '../../http/call-error.ts';
import type { KindListing, ListFailure } from '../../listing/lister.ts';
import type { GoogleApi } from './api.ts';
import { errorOf, isListedProject, type Asked } from './failures.ts';
import type { GcpKind } from './kinds.ts';
import { failureInProject, type ProjectNumber } from './projects.ts';
import { refusalOf } from './refusal.ts';
import { rowOf } from './rows.ts';
import { listsByLocation } from './services/by-location.ts';
import { projectLists } from './services/by-project.ts';
import { computeLists } from './services/compute.ts';
import type { Found, ServiceList } from './services/service.ts';

const serviceLists: readonly ServiceList[] = [...computeLists, ...projectLists, ...listsByLocation];

export interface ServicesSearch {
  readonly urls: Readonly<Record<string, string>>;
  readonly project: string;
  readonly kinds: readonly GcpKind[];
  readonly asked: Omit<Asked, 'service' | 'api' | 'grant'>;
  /** What calls are counted for where the API is not enabled in the project that they are counted for by themselves. */
  readonly quotaProject: string;
  readonly projectNumber: ProjectNumber;
}

type Answer = { readonly list: ServiceList } & ({ readonly found: Found } | { readonly failure: ListFailure });

/**
 * Each kind by the lists of its services, each with its own failure. Throws `ProviderError` where Google does not accept
 * the token, and the signal's reason when aborted.
 */
export async function listByServices(api: GoogleApi, search: ServicesSearch): Promise<readonly KindListing[]> {
  return await Promise.all(
    search.kinds.map(async (kind) => {
      const lists = serviceLists.filter((list) => list.kind === kind);
      return listingOf(kind, search, await Promise.all(lists.map(async (list) => await answerOf(api, search, list))));
    }),
  );
}

function listingOf(kind: GcpKind, { project, asked }: ServicesSearch, answers: readonly Answer[]): KindListing {
  const failed = answers.filter((answer) => 'failure' in answer);
  const [first] = failed;
  if (first !== undefined && failed.length === answers.length) {
    // A transient one is told before the others: it is worth another try.
    const { failure } = failed.find((answer) => answer.failure.class === 'transient') ?? first;
    return { kind, outcome: 'failed', failure };
  }
  const found = answers.flatMap((answer) => ('found' in answer ? [answer.found] : []));
  const listed = { project, source: 'services', console: asked.console } as const;
  const rows = found.flatMap(({ facts }) => facts.map((fact) => rowOf(kind, fact, listed)));
  return {
    kind,
    outcome: 'listed',
    // A resource may change its page while the list is read, and global rules may be in both lists.
    rows: [...new Map(rows.map((row) => [row.key, row])).values()],
    losses: [
      ...found.flatMap(({ losses }) => losses),
      ...failed.map(({ list, failure }) => ({ path: list.service, ...failure })),
    ],
  };
}

async function answerOf(api: GoogleApi, search: ServicesSearch, list: ServiceList): Promise<Answer> {
  const { service, api: name, grant } = list;
  const asked: Asked = { ...search.asked, service, api: name, grant };
  try {
    return { list, found: await read(api, search, list, asked) };
  } catch (error) {
    // Not a call's failure: the listing was cancelled.
    if (!(error instanceof CallError)) throw error;
    const failure = await failureInProject(error, asked, search.projectNumber);
    if (failure.class === 'revoked') throw errorOf(failure);
    return { list, failure };
  }
}

/**
 * Where the API is not enabled in the listed project, the list is empty. Where it is not enabled in another one, which
 * the call was counted for, it is asked once more and counted for the listed project.
 */
async function read(api: GoogleApi, search: ServicesSearch, list: ServiceList, asked: Asked): Promise<Found> {
  const call = { api, asked, project: search.project, baseUrl: search.urls[list.url] ?? '' };
  try {
    return await list.read({ ...call, quotaProject: null });
  } catch (first) {
    if (refusalOf(first)?.reason !== 'SERVICE_DISABLED') throw first;
    if (await isDisabledThere(first)) return emptyOr(first);
    try {
      return await list.read({ ...call, quotaProject: search.quotaProject });
    } catch (second) {
      if (!(second instanceof CallError)) throw second;
      if (await isDisabledThere(second)) return emptyOr(second);
      // The second try was only a way around the first refusal, which is what a person can do something about.
      throw first;
    }
  }

  async function isDisabledThere(error: unknown): Promise<boolean> {
    const refusal = refusalOf(error);
    if (refusal?.reason !== 'SERVICE_DISABLED') return false;
    return isListedProject(refusal.consumer, { ...asked, projectNumber: await search.projectNumber() });
  }

  function emptyOr(error: unknown): Found {
    if (list.isEmptyWhereDisabled) return { facts: [], losses: [] };
    throw error;
  }
}
