import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { createLogger } from '../../../platform/logger.ts';
import { createClockWatch } from '../../../worker/clock-watch.ts';
import { createManualClock } from '../../contract/manual-clock.ts';

const host = 'sts.cloud.test';

function watching() {
  const clock = createManualClock();
  const metrics = new Registry();
  const lines: string[] = [];
  const logger = createLogger('worker', 'warn', { write: (line) => void lines.push(line) });
  const sawDate = createClockWatch({ clock, logger, metrics });
  /** An answer of a cloud whose clock differs by so many seconds. */
  const answer = (aheadSeconds: number, from = host) =>
    sawDate(from, new Date(clock.now() + aheadSeconds * 1_000).toUTCString());
  return { clock, metrics, lines, sawDate, answer };
}

describe('the watch over the clock of this machine', () => {
  it('a clock that is off by more than half a minute is logged with its direction and the remedy', () => {
    const { lines, answer } = watching();
    answer(-29);
    expect(lines).toEqual([]);
    answer(-300);
    answer(600, 'login.cloud.test');
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
      expect.stringMatching(/30[01] s ahead of the clock of sts\.cloud\.test\. Set it \(NTP\)/),
      expect.stringMatching(/(599|600) s behind the clock of login\.cloud\.test/),
    ]);
  });

  it('the warning about a clock is repeated once an hour', () => {
    const { clock, lines, answer } = watching();
    answer(-300);
    clock.advance(3_599);
    answer(-300);
    expect(lines).toHaveLength(1);
    clock.advance(1);
    answer(-300);
    expect(lines).toHaveLength(2);
  });

  it('the difference is a metric for each host, and an answer without a valid date changes nothing', async () => {
    const { metrics, sawDate, answer } = watching();
    answer(-120);
    sawDate(host, 'yesterday');
    sawDate(host, null);
    expect(await metrics.metrics()).toMatch(/^mooring_clock_skew_seconds\{host="sts\.cloud\.test"\} 12[01]$/m);
  });
});
