import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/logger.ts';
import { iso } from '../../contracts/time.ts';
import { EphemeralStoreUnavailable } from '../ephemeral/port.ts';
import type { Chains } from './chain.ts';
import { chainOf, systemEntry } from './entries.ts';
import type { AuditEntry } from './line.ts';
import { createRepeats } from './repeats.ts';

/** Takes entries in at once and appends them a moment later, many in one step. */
export interface AuditRecorder {
  /**
   * Never throws and never waits. `mayRepeat`: the same again within a minute is counted, not recorded again. Use it for
   * reads and for refusals, never for what changed something.
   */
  record(entry: AuditEntry, options: { readonly mayRepeat: boolean }): void;
  /** Appends what waits. Never rejects: what cannot be appended goes on waiting. */
  flush(): Promise<void>;
  /** Appends all that waits and all that is being counted. What the store does not take stands in the log alone. */
  close(): Promise<void>;
  /** Entries that wait for the store. */
  readonly waiting: number;
  /** Entries that were never appended, since the process began. */
  readonly lost: number;
}

const BATCH = 200;
const FLUSH_MS = 100;
/** After the store did not answer. */
const RETRY_MS = 2_000;
const REPEATS_MS = 1_000;
const MOST_WAITING = 20_000;

/** Calls `work` once after `ms`, without keeping the process alive. */
export type Later = (work: () => void, ms: number) => void;
const timer: Later = (work, ms) => void setTimeout(work, ms).unref();

interface Queue {
  readonly entries: AuditEntry[];
  lost: number;
}

export function createAuditRecorder(deps: {
  readonly chains: Pick<Chains, 'append'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly later?: Later;
  readonly mostWaiting?: number;
}): AuditRecorder {
  const { chains, clock, logger, later = timer, mostWaiting = MOST_WAITING } = deps;
  const repeats = createRepeats();
  const queues = new Map<string, Queue>();
  let waiting = 0;
  let lost = 0;
  let isAway = false;
  let scheduledMs = Infinity;
  let flushing: Promise<void> | undefined;

  const enqueue = (entry: AuditEntry): void => {
    // The log keeps what the store drops or never gets.
    const { code, ...facts } = entry;
    logger.info({ audit: true, ...facts, problem: code }, 'audit');
    const chain = chainOf(entry.tenant);
    const queue = queues.get(chain) ?? { entries: [], lost: 0 };
    queues.set(chain, queue);
    if (waiting >= mostWaiting) {
      queue.lost += 1;
      lost += 1;
      return;
    }
    queue.entries.push(entry);
    waiting += 1;
  };

  const schedule = (ms: number): void => {
    if (ms >= scheduledMs) return;
    scheduledMs = ms;
    later(() => {
      scheduledMs = Infinity;
      void flush();
    }, ms);
  };

  /** Answers whether the store took all of it. */
  const drain = async (chain: string, queue: Queue): Promise<boolean> => {
    while (queue.entries.length > 0 || queue.lost > 0) {
      if (queue.entries.length === 0) {
        queue.entries.push(lossEntry(queue.lost, iso(clock.now())));
        waiting += 1;
        queue.lost = 0;
      }
      const batch = queue.entries.slice(0, BATCH);
      try {
        await chains.append(chain, batch);
      } catch (error) {
        const level = error instanceof EphemeralStoreUnavailable ? 'warn' : 'error';
        logger[level]({ err: error, chain, waiting }, 'Entries of the audit record wait: they cannot be appended.');
        return false;
      }
      queue.entries.splice(0, batch.length);
      waiting -= batch.length;
    }
    queues.delete(chain);
    return true;
  };

  const drainAll = async (): Promise<void> => {
    for (const entry of repeats.due(clock.now())) enqueue(entry);
    // A copy: what comes in meanwhile waits for the next time.
    const results = await Promise.all([...queues].map(([chain, queue]) => drain(chain, queue)));
    isAway = results.includes(false);
    if (isAway) schedule(RETRY_MS);
    else if (waiting > 0) schedule(FLUSH_MS);
    else if (repeats.size > 0) schedule(REPEATS_MS);
  };

  const flush = async (): Promise<void> => {
    // Two at once would append the same entries twice.
    flushing ??= drainAll().finally(() => (flushing = undefined));
    await flushing;
  };

  return {
    record(entry, { mayRepeat }) {
      if (mayRepeat && repeats.count(entry, clock.now())) return schedule(isAway ? RETRY_MS : REPEATS_MS);
      enqueue(entry);
      schedule(isAway ? RETRY_MS : FLUSH_MS);
    },
    flush,
    async close() {
      await flushing;
      for (const entry of repeats.due(clock.now(), true)) enqueue(entry);
      await flush();
      if (waiting > 0) logger.error({ waiting }, 'Entries of the audit record stand in the log alone.');
    },
    get waiting() {
      return waiting;
    },
    get lost() {
      return lost;
    },
  };
}

/** So that a loss shows in the record itself. */
const lossEntry = (count: number, at: string): AuditEntry =>
  systemEntry(at, { action: 'auditLost', target: null, count });
