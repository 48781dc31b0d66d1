import { setTimeout as pause } from 'node:timers/promises';
import type { Fleet } from './fleet.ts';
import { cpuBetween, readCpu } from './sampler.ts';
import type { Stack } from './stack.ts';
import type { Reading } from './statistics.ts';
import { createTemporalView, type History } from './temporal-view.ts';

/** What happened during a stretch of time. */
export interface Measurement {
  readonly seconds: number;
  readonly refreshes: number;
  /** Renewals that came when the access token had expired already. */
  readonly late: number;
  /** Share of the connections whose access token stands expired at the end. */
  readonly expired: number;
  /** CPU milliseconds a refresh, by process. */
  readonly cpu: Readonly<Record<string, number>>;
  /** History events that a cycle added; null where none was seen. */
  readonly eventsPerCycle: number | null;
  /** Refreshes over time. */
  readonly readings: readonly Reading[];
}

const READ_EVERY_MS = 1_000;
/** Connections whose histories are looked at. */
const SAMPLE = 200;

export async function measure(stack: Stack, fleet: Fleet, seconds: number): Promise<Measurement> {
  const temporal = createTemporalView(stack.client(fleet.space));
  const sample = everyNth(fleet.ids, SAMPLE);
  const historiesBefore = await temporal.historyLengths(sample);
  const cpuBefore = await readCpu(fleet.processes());
  const first = await stack.cloud.counters();
  const readings: Reading[] = [{ atMs: Date.now(), count: first.refreshTokensSpent }];
  const endAtMs = Date.now() + seconds * 1000;
  let last = first;
  while (Date.now() < endAtMs) {
    await pause(Math.min(READ_EVERY_MS, Math.max(0, endAtMs - Date.now())));
    last = await stack.cloud.counters();
    readings.push({ atMs: Date.now(), count: last.refreshTokensSpent });
  }
  const cpuMs = cpuBetween(cpuBefore, await readCpu(fleet.processes()));
  const expired = (await fleet.expired(sample)) / sample.length;
  const historiesAfter = await temporal.historyLengths(sample);

  const refreshes = last.refreshTokensSpent - first.refreshTokensSpent;
  const cyclesInSample = (refreshes * sample.length) / fleet.ids.length;
  return {
    seconds: ((readings.at(-1)?.atMs ?? 0) - (readings[0]?.atMs ?? 0)) / 1000,
    refreshes,
    late: last.refreshedAfterExpiry - first.refreshedAfterExpiry,
    expired,
    cpu: Object.fromEntries(Object.entries(cpuMs).map(([name, ms]) => [name, ms / refreshes])),
    eventsPerCycle: cyclesInSample === 0 ? null : grownBy(historiesBefore, historiesAfter) / cyclesInSample,
    readings,
  };
}

/** The clouds are not ours, and so is not what they cost. */
export const ownCpu = (cpu: Readonly<Record<string, number>>): number =>
  Object.entries(cpu).reduce((sum, [name, ms]) => (name === 'clouds' ? sum : sum + ms), 0);

export function everyNth<T>(items: readonly T[], atMost: number): T[] {
  const step = Math.max(1, Math.ceil(items.length / atMost));
  return items.filter((_, index) => index % step === 0);
}

/** Events that were added. Of a run that began meanwhile, all that it has by now. */
export function grownBy(before: ReadonlyMap<string, History>, after: ReadonlyMap<string, History>): number {
  let events = 0;
  for (const [id, now] of after) {
    const then = before.get(id);
    events += then?.runId === now.runId ? now.events - then.events : now.events;
  }
  return events;
}
