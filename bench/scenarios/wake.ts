import { startBareFleet } from '../baseline/fleet.ts';
import type { Fleet } from '../support/fleet.ts';
import { growHerd, watchRecovery, type Recovery } from '../support/herd.ts';
import { ownCpu } from '../support/measure.ts';
import { startMooringFleet } from '../support/mooring-fleet.ts';
import { stackDefaults } from '../support/options.ts';
import { cpuBetween, readCpu } from '../support/sampler.ts';
import { scenarioOnStack, type Say } from '../support/scenario.ts';
import type { Stack } from '../support/stack.ts';
import { ratio } from '../support/statistics.ts';
import { createTokenLife } from '../support/token-life.ts';
import { untilTime } from '../support/wait.ts';

/** From the last onboarding to the first due renewal: time for the workers to end. */
const ASLEEP_MS = 20_000;
const DUE_WITHIN_MS = 5_000;
const QUIET_MS = 90_000;
/** Whatever is renewed is not due again before the end. */
const LONG_LIFE_SECONDS = 3_600;

const defaults = { connections: [2_000] as readonly number[], latency: 200, ...stackDefaults };

interface Wake {
  readonly fleet: string;
  readonly size: number;
  /** Seconds from the start of the workers. */
  readonly readySeconds: number;
  readonly recovery: Recovery;
  /** CPU milliseconds a renewal. */
  readonly cpu: Readonly<Record<string, number>>;
}

/** No worker runs while every token falls due; then all workers start at once. */
export const wake = scenarioOnStack({
  title: 'All workers restarted, every connection due',
  defaults,
  async measure(stack, options, say) {
    await stack.cloud.change({ core: { latencyMs: { 'token.refresh': options.latency } } });
    const size = options.connections.at(-1) ?? 0;
    const bare = await startBareFleet(stack);
    const base = await wakeUp(stack, bare, size, say);
    await bare.stop();
    const mooring = await startMooringFleet(stack, options);
    const own = await wakeUp(stack, mooring, size, say);
    await mooring.stop();
    return {
      tables: [
        {
          title: `From the start of the workers to the renewal of ${size} tokens, all due; the cloud answers in ${options.latency} ms`,
          columns: ['', 'polling after s', 'first s', 'half s', '99 % s', 'all s', 'renewed', 'worker ms', 'CPU ms'],
          rows: [base, own].map(({ fleet, readySeconds, recovery, cpu }) => [
            fleet,
            readySeconds,
            recovery.secondsTo(0),
            recovery.secondsTo(0.5),
            recovery.secondsTo(0.99),
            recovery.secondsTo(1),
            recovery.renewed,
            cpu['worker'] ?? null,
            ownCpu(cpu),
          ]),
        },
      ],
      verdicts: [
        { what: 'renewed, %', value: (own.recovery.renewed / size) * 100, atLeast: 100 },
        {
          what: 'seconds to all: Mooring ÷ bare loop',
          value: ratio(own.recovery.secondsTo(1), base.recovery.secondsTo(1)),
        },
        { what: 'CPU a renewal: Mooring ÷ bare loop', value: ratio(ownCpu(own.cpu), ownCpu(base.cpu)) },
      ],
      notes: [
        'CPU is that of all processes but the simulated clouds, for each renewal, the start of the workers included.',
      ],
    };
  },
});

async function wakeUp(stack: Stack, fleet: Fleet, size: number, say: Say): Promise<Wake> {
  const life = createTokenLife(stack.cloud);
  const herd = await growHerd({ fleet, life, size, asleepMs: ASLEEP_MS, lengthMs: DUE_WITHIN_MS, say });
  await fleet.stopWorkers();
  say(`${fleet.name}: no worker runs until all are due.`);
  await life.fix(LONG_LIFE_SECONDS);
  await untilTime(herd.untilMs);
  const before = await readCpu(fleet.processes());
  const startedAtMs = Date.now();
  const watching = watchRecovery(stack, size, QUIET_MS);
  await fleet.startWorkers();
  const readySeconds = (Date.now() - startedAtMs) / 1000;
  const recovery = await watching;
  const cpuMs = cpuBetween(before, await readCpu(fleet.processes()));
  const cpu = Object.fromEntries(Object.entries(cpuMs).map(([name, ms]) => [name, ms / recovery.renewed]));
  return { fleet: fleet.name, size, readySeconds, recovery, cpu };
}
