import { startBareFleet } from '../baseline/fleet.ts';
import { cycleSeconds, lifeSeconds } from '../support/due-times.ts';
import type { Fleet } from '../support/fleet.ts';
import { measure, ownCpu, type Measurement } from '../support/measure.ts';
import { startMooringFleet } from '../support/mooring-fleet.ts';
import { stackDefaults } from '../support/options.ts';
import type { Cell, Findings } from '../support/report.ts';
import { residentMiB } from '../support/sampler.ts';
import { scenarioOnStack, type Say } from '../support/scenario.ts';
import type { Stack } from '../support/stack.ts';
import { ratio } from '../support/statistics.ts';
import { createTokenLife, type TokenLife } from '../support/token-life.ts';
import { untilTime } from '../support/wait.ts';

/** More than any of them can do: what they do then is what they can do. */
const SATURATING_PER_SECOND = 250;
/** From the last onboarding to the first renewal: time to restart the worker. */
const ASLEEP_MS = 25_000;
/** The size whose cost the largest one is held against. */
const USUAL_SIZE = 300;
/** How long what can be done at most is measured, unless less was asked for. */
const SATURATED_SECONDS = 40;
/** The size that is asked for all it can do. */
const SATURATED_SIZE = 2_000;

const defaults = {
  connections: [100, 300, 2_000, 10_000] as readonly number[],
  latency: 200,
  // One whole interval of the reconciliation, so that its work is in each measurement exactly once.
  seconds: 300,
  rate: 25,
  ...stackDefaults,
};
type UpkeepOptions = typeof defaults;

interface Step {
  readonly fleet: string;
  readonly size: number;
  readonly demanded: number;
  readonly saturated: boolean;
  readonly measured: Measurement;
  /** Of the first worker, after it was restarted and has renewed for the length of the measurement. */
  readonly workerMiB: number | null;
}

/**
 * Tokens are renewed before they expire: below what the product can do, at several sizes, to see what one renewal costs;
 * and at one size with more falling due than can be done. The bare loop does the same first, on the same stack.
 */
export const upkeep = scenarioOnStack({
  title: 'Upkeep',
  defaults,
  async measure(stack, options, say) {
    const life = createTokenLife(stack.cloud);
    await stack.cloud.change({ core: { latencyMs: { 'token.refresh': options.latency } } });
    const saturated = options.connections.includes(SATURATED_SIZE)
      ? SATURATED_SIZE
      : (options.connections.at(-1) ?? SATURATED_SIZE);
    const work = { stack, life, options, saturated, say };
    const bare = await startBareFleet(stack);
    const steps = await climb(work, bare, bareSizes(options.connections, saturated));
    await bare.stop();
    const mooring = await startMooringFleet(stack, options);
    steps.push(...(await climb(work, mooring, options.connections)));
    await life.fix(3600);
    await mooring.stop();
    return findings(steps, options);
  },
});

/** The bare loop shows by itself what the stores cost with more connections: at the sizes whose costs are compared. */
const bareSizes = (sizes: readonly number[], saturated: number): readonly number[] =>
  sizes.filter((size) => size === saturated || size === USUAL_SIZE || size === sizes.at(-1));

async function climb(
  work: { stack: Stack; life: TokenLife; options: UpkeepOptions; saturated: number; say: Say },
  fleet: Fleet,
  sizes: readonly number[],
): Promise<Step[]> {
  const { stack, life, options, say } = work;
  const steps: Step[] = [];
  for (const size of sizes) {
    const cycle = cycleSeconds(size, options.rate);
    say(`${fleet.name}: onboarding until there are ${size}.`);
    let asleepFromMs = Date.now();
    await life.aim(() => ({ fromMs: asleepFromMs + ASLEEP_MS, lengthMs: cycle * 1000 }));
    await fleet.grow(size, (atMs) => {
      asleepFromMs = atMs;
    });
    asleepFromMs = Date.now();
    await fleet.stopWorkers();
    await fleet.startWorkers();
    await untilTime(asleepFromMs + ASLEEP_MS);

    const step = { fleet: fleet.name, size };
    say(`${fleet.name}: ${size} connections at ${(size / cycle).toFixed(0)} renewals a second.`);
    await life.fix(lifeSeconds(cycle * 1000, 0));
    // The first renewal after a restart costs more: what a worker remembers of a connection is gone. Each has one now.
    await untilTime(Date.now() + cycle * 1000);
    const below = await measure(stack, fleet, options.seconds);
    // Measured at the end, because the memory of a new process depends on what it happened to do first.
    steps.push({
      ...step,
      demanded: size / cycle,
      saturated: false,
      measured: below,
      workerMiB: await memoryOf(fleet),
    });

    if (size !== work.saturated) continue;
    const short = cycleSeconds(size, SATURATING_PER_SECOND);
    say(`${fleet.name}: ${size} connections, all the renewals they can be given.`);
    await life.fix(lifeSeconds(short * 1000, 0));
    // Until each of them has been given the short life.
    await untilTime(Date.now() + (cycle + short) * 1000);
    const most = await measure(stack, fleet, Math.min(options.seconds, SATURATED_SECONDS));
    steps.push({ ...step, demanded: size / short, saturated: true, measured: most, workerMiB: await memoryOf(fleet) });
  }
  return steps;
}

async function memoryOf(fleet: Fleet): Promise<number | null> {
  const [worker] = fleet.workerPids();
  return worker === undefined ? null : await residentMiB(worker);
}

function findings(steps: readonly Step[], { connections, latency }: UpkeepOptions): Findings {
  const mooring = steps.filter(({ fleet }) => fleet === 'Mooring');
  const below = mooring.filter(({ saturated }) => !saturated);
  const perSecond = ({ measured }: Step): number => measured.refreshes / measured.seconds;
  const full = mooring.find(({ saturated }) => saturated);
  const bareFull = steps.find((step) => step.saturated && step !== full);
  const usual = below.find(({ size }) => size === USUAL_SIZE) ?? below[0];
  const bareBelow = steps.filter(({ fleet, saturated }) => fleet !== 'Mooring' && !saturated);
  const sameSize = below.find(({ size }) => size === full?.size);
  const bareSameSize = bareBelow.find(({ size }) => size === full?.size);
  const [smallest, largest] = [below[0], below.at(-1)];
  const bareAt = (step: Step | undefined): Step | undefined => bareBelow.find(({ size }) => size === step?.size);
  const growth = (more: Step | undefined, less: Step | undefined): number | null =>
    more && less && more !== less ? ratio(ownCpu(more.measured.cpu), ownCpu(less.measured.cpu)) : null;
  const sum = (values: readonly (number | null)[]): number =>
    values.reduce<number>((all, value) => all + (value ?? 0), 0);
  return {
    tables: [
      {
        title: `One renewal, by the number of connections; the cloud answers in ${latency} ms`,
        columns: [
          '',
          'connections',
          'due/s',
          'renewed/s',
          'late',
          'expired %',
          'events',
          ...processes.map((name) => `${name} ms`),
          'CPU ms',
          'worker MiB',
        ],
        rows: steps.map((step): Cell[] => [
          `${step.fleet}${step.saturated ? ', saturated' : ''}`,
          step.size,
          step.demanded,
          perSecond(step),
          step.measured.late,
          step.measured.expired * 100,
          step.measured.eventsPerCycle,
          ...processes.map((name) => step.measured.cpu[name] ?? null),
          ownCpu(step.measured.cpu),
          step.workerMiB,
        ]),
      },
    ],
    verdicts: [
      {
        what: 'renewals a second, saturated: Mooring ÷ bare loop',
        value: full && bareFull ? ratio(perSecond(full), perSecond(bareFull)) : null,
        atLeast: 0.75,
      },
      { what: 'renewals a second, saturated', value: full ? perSecond(full) : null, atLeast: 80 },
      {
        what: `CPU a renewal: ${largest?.size} connections ÷ ${usual?.size}`,
        value: growth(largest, usual),
        atMost: 1.1,
      },
      { what: 'the same of the bare loop', value: growth(bareAt(largest), bareAt(usual)) },
      {
        what: 'CPU a renewal, below saturation: Mooring ÷ bare loop',
        value: growth(sameSize, bareSameSize),
      },
      { what: 'late below saturation', value: sum(below.map(({ measured }) => measured.late)), atMost: 0 },
      {
        what: 'expired at the end, below saturation, %',
        value: Math.max(...below.map(({ measured }) => measured.expired * 100)),
        atMost: 0,
      },
      {
        what: 'history events a cycle, below saturation, at most',
        value: Math.max(...below.map(({ measured }) => measured.eventsPerCycle ?? 0)),
        atMost: 0,
      },
      {
        what: `worker memory at the same rate: ${largest?.size} connections ÷ ${connections[0]}`,
        value: smallest && largest ? ratio(largest.workerMiB, smallest.workerMiB) : null,
        atMost: 1.2,
      },
    ],
    notes: [
      'CPU is that of all processes but the simulated clouds, for each renewal, idle work included. Late: the access token had expired before it was renewed.',
    ],
  };
}

const processes = ['worker', 'temporal', 'vault', 'redis', 'api'] as const;
