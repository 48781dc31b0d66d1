import { Gauge } from 'prom-client';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { Registry } from '../platform/metrics.ts';

/** Is given the `Date` of each answer of a cloud, as it came (RFC 9110, 6.6.1). */
export type SawDate = (host: string, date: string | null) => void;

/** `Date` has whole seconds, and an answer is some seconds on its way. Clouds refuse signatures that are minutes off. */
const TOLERATED_SECONDS = 30;
const WARNED_EVERY_MS = 60 * 60 * 1000;

/** Compares this machine's clock with the `Date` of every cloud's answers (RFC 9110, 6.6.1), and warns the operator. */
export function createClockWatch(deps: { clock: Clock; logger: Logger; metrics: Registry }): SawDate {
  const { clock, logger, metrics } = deps;
  const gauge = new Gauge({
    name: 'mooring_clock_skew_seconds',
    help: "This machine's clock minus the Date of a cloud's last answer, by host; positive = this machine is ahead.",
    labelNames: ['host'],
    registers: [metrics],
  });
  const warnedAtMs = new Map<string, number>();
  return (host, date) => {
    const cloudMs = Date.parse(date ?? '');
    if (Number.isNaN(cloudMs)) return;
    const nowMs = clock.now();
    const seconds = Math.round((nowMs - cloudMs) / 1000);
    gauge.set({ host }, seconds);
    if (Math.abs(seconds) <= TOLERATED_SECONDS || nowMs - (warnedAtMs.get(host) ?? 0) < WARNED_EVERY_MS) return;
    warnedAtMs.set(host, nowMs);
    const direction = seconds > 0 ? 'ahead of' : 'behind';
    logger.warn(
      { code: 'clock_skew', host, seconds },
      `The clock of this machine is ${Math.abs(seconds)} s ${direction} the clock of ${host}. Set it (NTP): clouds refuse signed requests and assertions of a machine whose clock is off, and credentials are renewed too late or too early.`,
    );
  };
}
