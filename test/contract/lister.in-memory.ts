import { Secret } from '../../platform/secret.ts';
import type { RegionSettings } from '../../providers/manifests/settings.ts';
import type { KindListing, ListContext, ListFailure, Loss, ResourceLister } from '../../providers/listing/lister.ts';
import { ProviderError } from '../../providers/provider.ts';
import { resource, scriptedManifest } from '../workflows/discovery/scripted-lister.ts';
import type { CloudUnderTest, Failing } from './lister.harness.ts';

const PAGE = 3;
const DEADLINE_MS = 50;

interface Answer {
  readonly status: number;
  readonly rows?: readonly { readonly id?: string }[];
  readonly next?: string | null;
  readonly retryAfterSeconds?: number | undefined;
}

/** A cloud in memory and its lister, as small as the contract allows: it shows what the contract asks for. */
export function createInMemoryCloud(): CloudUnderTest {
  const resources = new Map<string, { id?: string }[]>();
  const failing = new Map<string, Failing>();
  const odd = { ended: false, denied: '', hanging: '', repeating: '', cycling: '', rowless: '' };
  let calls = 0;
  const of = (kind: string) => resources.get(kind) ?? [];

  /** The cloud's side of one call. */
  const call = async (kind: string, token: string, signal: AbortSignal): Promise<Answer> => {
    signal.throwIfAborted();
    calls++;
    if (odd.ended) return { status: 401 };
    if (odd.hanging === kind) {
      return await new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      });
    }
    if (odd.denied === kind) return { status: 403 };
    const fails = failing.get(kind);
    if (fails) return fails;
    if (odd.rowless === kind) return { status: 200 };
    const from = Number(token);
    const isLast = from + PAGE >= of(kind).length;
    const after = isLast ? null : String(from + PAGE);
    const next = odd.repeating === kind && isLast ? token : odd.cycling === kind && isLast ? '0' : after;
    return { status: 200, rows: of(kind).slice(from, from + PAGE), next };
  };

  const withDeadline = async <T>(signal: AbortSignal, work: (either: AbortSignal) => Promise<T>): Promise<T | null> => {
    const deadline = AbortSignal.timeout(DEADLINE_MS);
    try {
      return await work(AbortSignal.any([signal, deadline]));
    } catch (error) {
      signal.throwIfAborted();
      if (deadline.aborted) return null;
      throw error;
    }
  };

  const listKind = async (kind: string, project: string | null, signal: AbortSignal): Promise<KindListing> => {
    const rows = [];
    const losses: Loss[] = [];
    const seen = new Set<string>();
    for (let token: string | null = '0'; token !== null;) {
      if (seen.has(token)) {
        losses.push({ ...failure('transient', 'page_repeated'), path: token });
        break;
      }
      seen.add(token);
      const page: string = token;
      const answer = await withDeadline(signal, async (either) => await call(kind, page, either));
      if (answer?.status === 401) {
        const { problem } = failure('revoked', 'credential_rejected');
        throw new ProviderError({ class: 'revoked', problem, delivery: 'answered' });
      }
      const wrong = wrongWith(kind, answer);
      if (wrong) return { kind, outcome: 'failed', failure: wrong };
      for (const { id } of answer?.rows ?? []) {
        if (id !== undefined) rows.push(resource(kind, project, id));
        else losses.push({ ...failure('user', 'row_unreadable'), path: 'row' });
      }
      token = answer?.next ?? null;
    }
    return { kind, outcome: 'listed', rows, losses };
  };

  const lister: ResourceLister = {
    manifest: scriptedManifest,
    lists: [
      { id: 'all', scope: 'project', kinds: ['instance', 'volume'] },
      { id: 'server', scope: 'account', kinds: ['server'] },
    ],
    listProjects: async ({ signal }) => ({
      kinds: [await listKind('project', null, signal)],
      source: 'rest',
      notice: null,
    }),
    list: async ({ signal }, { kinds, projectId }) => ({
      kinds: await Promise.all(kinds.map(async (kind) => await listKind(kind, projectId, signal))),
      source: 'rest',
      notice: null,
    }),
    confirmGone: async (_context, { kind, rows }) => ({
      gone: new Set(rows.filter(({ id }) => of(kind).every((each) => each.id !== id)).map(({ key }) => key)),
      there: new Set(),
      refused: null,
    }),
    readiness: async () => ({ source: 'rest', version: null, notice: null }),
  };

  return {
    lister,
    projectId: 'p1',
    context: (signal): ListContext => ({
      connectionId: 'con_x',
      region: {} as RegionSettings,
      record: new Secret({ access_token: 'token-of-the-test' }),
      signal,
    }),
    async seed(kind, count) {
      resources.set(kind, [...of(kind), ...Array.from({ length: count }, (_, n) => ({ id: `${kind}-${n}` }))]);
    },
    faults: {
      fail: async (kind, how) => [failing.set(kind, how) && kind],
      endCredential: async () => void (odd.ended = true),
      deny: async (kind) => ({ kinds: [(odd.denied = kind)], action: `${kind}:List` }),
      hang: async (kind) => [(odd.hanging = kind)],
      repeatToken: async (kind) => [(odd.repeating = kind)],
      cycleTokens: async (kind) => [(odd.cycling = kind)],
      noRows: async (kind) => [(odd.rowless = kind)],
      async badRow(kind) {
        delete of(kind)[0]?.id;
        return [kind];
      },
      async remove(kind, id) {
        resources.set(
          kind,
          of(kind).filter((each) => each.id !== id),
        );
      },
    },
    calls: () => calls,
    secondsWaited: () => 0,
    secrets: ['token-of-the-test'],
    close: () => Promise.resolve(),
  };
}

function wrongWith(kind: string, answer: Answer | null): ListFailure | null {
  if (answer === null) return failure('transient', 'list_timed_out');
  const { status, rows, retryAfterSeconds = null } = answer;
  if (status === 403) return { ...failure('user', 'list_denied'), denied: { action: `${kind}:List` } };
  if (status >= 400) return { ...failure('transient', 'cloud_unavailable'), retryAfterSeconds };
  return rows ? null : failure('transient', 'answer_unreadable');
}

const failure = (problemClass: ListFailure['class'], code: string): ListFailure => ({
  class: problemClass,
  problem: { code, message: 'It is so.', remedy: 'Mend it.' },
  retryAfterSeconds: null,
  denied: null,
});
