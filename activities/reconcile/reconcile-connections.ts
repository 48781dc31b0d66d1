import { Context } from '@temporalio/activity';

import type { EphemeralStore } from '../../stores/ephemeral/port.ts';
import type { Gate, SecretStore } from '../../stores/secrets/port.ts';
import { workflowTypes } from '../../contracts/ids.ts';
import type { ReconcileActivities, ReconcileCounts, ReconcileReport } from '../../contracts/reconcile.ts';
import { iso } from '../../contracts/time.ts';
import { withStoreErrors } from '../failures.ts';
import { keepInHeartbeat } from '../heartbeat-details.ts';
import { chooseIds, idsOf, turnOf, type Listed, type Turn } from './choose.ts';
import { createMemory } from './memory.ts';
import { assertOwnNamespace } from './own-namespace.ts';
import type { Health } from './ports.ts';
import { repair, type Repair, type RepairDependencies } from './repair.ts';

export interface ReconcileDependencies extends RepairDependencies {
  readonly ephemeral: EphemeralStore;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly limits?: Partial<typeof defaults>;
}

const defaults = {
  /** Between the two lookups of an id that seems lost. */
  pauseMs: 3_000,
  /** The most repairs in one run. Each starts a workflow, and after an accident there may be many. */
  repairs: 1_000,
  /** Calls to Temporal at once. Answers that are read side by side cost memory that the process keeps. */
  atOnce: 4,
  /** About how many connections one run lists and describes in turn. */
  inTurn: 1_000,
};

/** Long, because 20,000 ids are one reply of 700 KB. */
const LIST_MS = 30_000;
/** Of the failures in one run: while Temporal or the store is unavailable, every id fails in the same way. */
const MOST_LOGGED = 100;
/**
 * Compares the connections that run with the ids in the secret store and with those that were ended from outside. An id
 * that seems lost is looked up again after a pause, in Temporal and in the store, because a connection between two
 * states is not lost. Nothing is spent here, and ids do not leave the activity.
 */
export function createReconcileConnections(deps: ReconcileDependencies): ReconcileActivities['reconcileConnections'] {
  const { secrets, directory, clock, logger, sleep } = deps;
  const limits = { ...defaults, ...deps.limits };

  return async () => {
    const context = Context.current();
    const signal = context.cancellationSignal;
    const counts = noRepairs();

    /** A failure of one id never stops the work on the others. */
    const attempt = async (id: string, work: (id: string) => Promise<void>): Promise<void> => {
      try {
        await work(id);
      } catch (error) {
        signal.throwIfAborted();
        counts.failed += 1;
        if (counts.failed > MOST_LOGGED) return;
        logger.error({ connection: id, code: codeOf(error), err: error }, 'A connection could not be reconciled.');
      }
    };
    const overEach = async (step: string, ids: Ids, work: (id: string) => Promise<void>): Promise<void> => {
      let done = 0;
      await each(ids, limits.atOnce, signal, async (id) => {
        keepInHeartbeat(context, { step, done: (done += 1), of: ids.size });
        await attempt(id, work);
      });
    };

    keepInHeartbeat(context, { step: 'list' });
    await withStoreErrors(async () => await assertOwnNamespace(secrets, directory));
    const stored = await listStored(secrets);
    const running = await directory.count();
    const turn = turnOf(running, limits.inTurn, clock.now());
    const listed = { ...stored, ...(await listRuns(deps, turn)) };
    const remembered = createMemory(deps);
    const { dueAtMs, statusOf } = remembered;
    const unwellBefore = await remembered.unwell();
    const chosen = await chooseIds(listed, { turn, dueAtMs, statusOf, unwell: unwellBefore, nowMs: clock.now() });

    const tally = { running: 0, late: 0, paused: 0, stuck: 0, stopped: 0 };
    const suspects = new Set<string>();
    const unwell: string[] = [];
    await overEach('first look', chosen, async (id) => {
      const lookup = await directory.find(id);
      if (lookup.state === 'running') {
        if (lookup.workflowType !== workflowTypes.connection) return;
        const { health } = lookup;
        count(tally, health);
        if (health.late || health.paused || health.stuck) unwell.push(id);
      } else if (lookup.state !== 'completed' || isStored(listed, id)) {
        suspects.add(id);
      }
    });

    if (suspects.size > 0) await sleep(limits.pauseMs, signal);
    let repairs = 0;
    await overEach('second look', suspects, async (id) => {
      if (repairs >= limits.repairs) {
        counts.postponed += 1;
        return;
      }
      const outcome = await repair(deps, id, () => (repairs += 1) <= limits.repairs);
      counts[outcome] += 1;
      if (outcome === 'running' || outcome === 'stopped' || outcome === 'disconnecting') {
        count(tally, { ...wellAndRunning, status: outcome });
      }
    });

    const { stopped, disconnecting, swept, discarded, failed, postponed } = counts;
    // Described were only some of them; visibility counted all that ran before the repairs.
    const totals = turn.beginnings && {
      running: running + stopped + disconnecting,
      stopped: (await directory.count('stopped')) + stopped,
    };
    const found: ReconcileCounts = { at: iso(clock.now()), ...tally, ...totals };
    await remembered.keep(found, { unwell, byGate: scaled(listed.byGate, running / Math.max(listed.running.size, 1)) });
    const report = {
      v: 1,
      ...found,
      restarted: { stopped, disconnecting },
      swept,
      discarded,
      failed,
      postponed,
    } as const;
    logger.info({ report }, 'Reconciled.');
    return report satisfies ReconcileReport;
  };
}

type Ids = Iterable<string> & { readonly size: number };
type Tally = { -readonly [K in keyof Omit<ReconcileCounts, 'at'>]: number };

const wellAndRunning = { late: false, paused: false, stuck: false } as const;

function count(tally: Tally, { late, paused, stuck, status }: Health): void {
  tally.running += 1;
  if (late) tally.late += 1;
  if (paused) tally.paused += 1;
  if (stuck) tally.stuck += 1;
  if (status === 'stopped') tally.stopped += 1;
}

const noRepairs = (): Record<Repair, number> => ({
  running: 0,
  nothing: 0,
  stopped: 0,
  disconnecting: 0,
  swept: 0,
  discarded: 0,
  failed: 0,
  postponed: 0,
});

/** Read before the runs: what is stored after that belongs to a connection that is listed then. */
async function listStored(secrets: SecretStore): Promise<Pick<Listed, Gate & keyof Listed>> {
  return {
    live: await storedIds(secrets, 'live'),
    revoking: await storedIds(secrets, 'revoking'),
    pending: await storedIds(secrets, 'pending'),
  };
}

async function listRuns({ directory }: ReconcileDependencies, { beginnings }: Turn) {
  const connections = await collect(directory.running(beginnings));
  const running = new Set(connections.map(({ id }) => id));
  const byGate: Record<string, number> = {};
  for (const { gate } of connections) if (gate !== null) byGate[gate] = (byGate[gate] ?? 0) + 1;
  const endedFromOutside = new Set(await collect(directory.endedFromOutside()));
  return { running, endedFromOutside, byGate };
}

/** Ids are random, so the part that was listed stands for the whole. */
const scaled = (counts: Readonly<Record<string, number>>, factor: number): Record<string, number> =>
  Object.fromEntries(Object.entries(counts).map(([name, value]) => [name, Math.round(value * factor)]));

const isStored = ({ live, revoking, pending }: Listed, id: string): boolean =>
  live.has(id) || revoking.has(id) || pending.has(id);

async function storedIds(secrets: SecretStore, gate: Gate): Promise<Set<string>> {
  return idsOf(await withStoreErrors(async () => await secrets.list(gate, '', { timeoutMs: LIST_MS })));
}

async function collect<T>(pages: AsyncIterable<readonly T[]>): Promise<T[]> {
  const all: T[] = [];
  for await (const page of pages) all.push(...page);
  return all;
}

/** A stable code for the log: a failure's type, a system's code, or the error's name. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  for (const field of ['type', 'code'] as const) {
    const value: unknown = (error as unknown as Record<string, unknown>)[field];
    if (typeof value === 'string') return value;
  }
  return error.name;
}

/**
 * Works on every item, at most `atOnce` at a time. When the signal aborts, it takes no new items and rejects with the
 * signal's reason. `work` handles its own errors.
 */
async function each<T>(
  items: Iterable<T>,
  atOnce: number,
  signal: AbortSignal,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (let next = iterator.next(); next.done !== true; next = iterator.next()) {
      signal.throwIfAborted();
      await work(next.value);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}
