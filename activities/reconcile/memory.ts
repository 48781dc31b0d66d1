import type { JsonObject } from '../../platform/json.ts';
import type { Logger } from '../../platform/logger.ts';
import { ephemeralKeys } from '../../stores/ephemeral/keys.ts';
import { EphemeralStoreUnavailable, type EphemeralStore } from '../../stores/ephemeral/port.ts';
import type { ReconcileCounts } from '../../contracts/reconcile.ts';

/** Six runs. Older results are stale. */
const KEPT_SECONDS = 30 * 60;
/** The number of connections changes slowly, so it stays usable for a day without a reconciliation. */
const SIZES_KEPT_SECONDS = 24 * 60 * 60;
/** The most ids that are kept for the next run. More than that is an outage, and those are found overdue anyway. */
const MOST_UNWELL = 2_000;

/** What one reconciliation leaves for the next, in the ephemeral store. Never rejects: without it, more is checked. */
export interface Memory {
  readonly dueAtMs: (id: string) => Promise<number | null>;
  readonly statusOf: (id: string) => Promise<string | null>;
  readonly unwell: () => Promise<ReadonlySet<string>>;
  readonly keep: (
    counts: ReconcileCounts,
    found: { readonly unwell: readonly string[]; readonly byGate: Readonly<Record<string, number>> },
  ) => Promise<void>;
}

export function createMemory({
  ephemeral,
  logger,
}: {
  readonly ephemeral: Pick<EphemeralStore, 'get' | 'put'>;
  readonly logger: Logger;
}): Memory {
  let isAway = false;
  const orNull = async <T>(ask: () => Promise<T>): Promise<T | null> => {
    if (isAway) return null;
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof EphemeralStoreUnavailable)) throw error;
      isAway = true;
      logger.warn(
        { err: error },
        'The ephemeral store does not answer: more connections are looked at, and counts may not be published.',
      );
      return null;
    }
  };

  /** Without fields where there is no object under the key. */
  const objectAt = async (key: string): Promise<JsonObject> => {
    const value = await orNull(() => ephemeral.get(key));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  };

  return {
    async dueAtMs(id) {
      const facts = await objectAt(ephemeralKeys.facts(id));
      const due = facts['nextRefreshAt'] ?? facts['expiresAt'];
      const dueAtMs = typeof due === 'string' ? Date.parse(due) : NaN;
      return Number.isFinite(dueAtMs) ? dueAtMs : null;
    },
    async statusOf(id) {
      const { status } = await objectAt(ephemeralKeys.condition(id));
      return typeof status === 'string' ? status : null;
    },
    async unwell() {
      const ids = await orNull(() => ephemeral.get(ephemeralKeys.unwell));
      return new Set(Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : []);
    },
    async keep(counts, { unwell, byGate }) {
      await orNull(async () => {
        await ephemeral.put(ephemeralKeys.connectionsByGate, byGate, SIZES_KEPT_SECONDS);
        await ephemeral.put(ephemeralKeys.reconcile, counts, KEPT_SECONDS);
        await ephemeral.put(ephemeralKeys.unwell, unwell.slice(0, MOST_UNWELL), KEPT_SECONDS);
      });
    },
  };
}
