import { createHash } from 'node:crypto';
import { iso } from '../../contracts/time.ts';
import type { Json } from '../../platform/json.ts';
import type { ConnectionView } from '../../contracts/connection.ts';
import { withInventoryWarning } from '../../contracts/discovery-tally.ts';
import type { DiscoverySummary, DiscoveryTrigger } from '../../contracts/discovery.ts';

/** The newest discovery of an account. It is stored with the partitions' facts, so that both are dropped together. */
export interface DiscoveryPass {
  /** The epoch of the sign-in whose credentials it used. */
  readonly epoch: number;
  readonly trigger: DiscoveryTrigger;
  readonly startedAt: string;
  /** Null = it is running, or it was terminated and could not record its end. */
  readonly finishedAt: string | null;
  /** Of the newest pass that reached its end: this one, or an earlier one. */
  readonly summary: DiscoverySummary | null;
}

/** When discoveries of a connection are due. */
export interface DiscoverySchedule {
  /** Increases with each sign-in, which may have connected another account. */
  readonly epoch: number;
  /** Null = on demand only, except for the first. */
  readonly intervalSeconds: number | null;
}

/** Beside the partitions' fields, whose names are JSON arrays. */
export const PASS_FIELD = 'pass';

const HOUR_MS = 60 * 60 * 1000;
/** A pass that has not ended after this time was terminated, and is repeated. */
const LOST_AFTER_MS = 6 * HOUR_MS;
const JITTER = 0.1;

export interface NextPass {
  /** Milliseconds; 0 = at once, null = on demand alone. */
  readonly at: number | null;
  readonly trigger: DiscoveryTrigger;
}

/** When the next pass is due, and its trigger. Pure: every process computes the same. */
export function nextPass(pass: DiscoveryPass | undefined, connectionId: string, schedule: DiscoverySchedule): NextPass {
  if (!pass) return { at: 0, trigger: 'connected' };
  const trigger = 'scheduled';
  if (pass.epoch < schedule.epoch) return { at: 0, trigger };
  const { intervalSeconds } = schedule;
  const startedAt = Date.parse(pass.startedAt);
  if (pass.finishedAt === null) {
    const afterMs = intervalSeconds === null ? LOST_AFTER_MS : Math.min(intervalSeconds * 1000, LOST_AFTER_MS);
    return { at: startedAt + afterMs, trigger };
  }
  if (intervalSeconds === null) return { at: null, trigger };
  const intervalMs = intervalSeconds * 1000 * (1 - JITTER * fractionOf(`${connectionId} ${pass.startedAt}`));
  // An account whose list takes longer than the interval must not be listed without a break.
  const at = Math.max(startedAt + intervalMs, Date.parse(pass.finishedAt) + intervalMs / 2);
  return { at: Math.round(at), trigger };
}

/**
 * Adds the recorded discovery to a view: whether one is running, when the next is due, what the last one found, and the
 * warning if that is not everything.
 */
export function withPass<View extends Pick<ConnectionView, 'id' | 'status' | 'discovery' | 'warnings'>>(
  view: View,
  pass: DiscoveryPass | undefined,
  nowMs: number,
): View {
  const { id, status, discovery } = view;
  if (!discovery || !pass) return view;
  const isRunning = pass.finishedAt === null && nowMs < Date.parse(pass.startedAt) + LOST_AFTER_MS;
  const last = newer(discovery.last, pass.summary);
  const { at } = nextPass(pass, id, { epoch: pass.epoch, intervalSeconds: discovery.intervalSeconds });
  return {
    ...view,
    warnings: withInventoryWarning(view.warnings, last),
    discovery: {
      ...discovery,
      nextAt: isRunning || at === null || status !== 'active' ? null : iso(at),
      running: isRunning ? { since: pass.startedAt, trigger: pass.trigger } : null,
      last,
    },
  };
}

/** Only the inventory writes this field; its shape is trusted. */
export const asPass = (field: Json | undefined): DiscoveryPass | undefined =>
  field as unknown as DiscoveryPass | undefined;

const newer = (one: DiscoverySummary | null, other: DiscoverySummary | null): DiscoverySummary | null =>
  one && other ? (Date.parse(one.finishedAt) > Date.parse(other.finishedAt) ? one : other) : (one ?? other);

/** A number from the text, 0 ≤ x < 1, used as jitter: passes that began together must not stay together. */
export const fractionOf = (text: string): number =>
  createHash('sha256').update(text).digest().readUInt32BE() / 0x1_0000_0000;
