import { onboardBare } from '../baseline/onboarding.ts';
import { startBareWorker } from '../baseline/process.ts';
import { onboardMany, ovhSignIn, startMooringFleet, type SignIn } from '../support/mooring-fleet.ts';
import { measuredOnly, onboardOne } from '../support/onboardings.ts';
import { ownCpu } from '../support/measure.ts';
import { stackDefaults } from '../support/options.ts';
import type { Product } from '../support/product.ts';
import { cpuBetween, readCpu, type Processes } from '../support/sampler.ts';
import { scenarioOnStack } from '../support/scenario.ts';
import { spaces, type Stack } from '../support/stack.ts';
import { median, quantile } from '../support/statistics.ts';
import { createTemporalView } from '../support/temporal-view.ts';
import { waitFor } from '../support/wait.ts';

const AT_ONCE = 32;
/** Idle: one customer after the other. */
const ALONE = 100;
const LOOK_EVERY_MS = 5;
/** What a process does at its first requests is not what is measured. */
const WARM_UP = 20;
const QUIET_WITHIN_MS = 60_000;

const ways: readonly SignIn[] = [
  { ...ovhSignIn, discover: true },
  { provider: 'azure', region: 'global', account: 'ada@lindqvist.example', discover: false },
  { provider: 'gcp', region: 'global', account: 'ada@lindqvist.example', discover: false },
];

const defaults = { connections: [300] as readonly number[], latency: 0, ...stackDefaults };

/** Throughput of one way of onboarding. */
interface Throughput {
  readonly name: string;
  readonly perSecond: number;
  /** CPU milliseconds an onboarding. */
  readonly cpu: Readonly<Record<string, number>>;
}

/** Customers come in: many at once, and one after the other on an idle stack. */
export const onboard = scenarioOnStack({
  title: 'Onboarding',
  defaults,
  async measure(stack, options, say) {
    const count = options.connections.at(-1) ?? 0;
    await stack.cloud.change({ core: { latencyMs: { 'token.*': options.latency, me: options.latency } } });

    say(`bare: ${count} onboardings, ${AT_ONCE} at once.`);
    const worker = await startBareWorker(stack);
    const bareProcesses = { worker: [worker.pid], ...stack.processes };
    await onboardBare(stack, WARM_UP, AT_ONCE);
    const bare = await throughput(
      'bare',
      bareProcesses,
      count,
      async () => void (await onboardBare(stack, count, AT_ONCE)),
    );
    const bareAlone = await onboardBare(stack, Math.min(ALONE, count), 1);
    await worker.stop();

    const fleet = await startMooringFleet(stack, options);
    const { product } = fleet;
    const temporal = createTemporalView(stack.client(spaces.product));
    const rows: Throughput[] = [bare];
    for (const way of ways) {
      const name = `Mooring, ${way.provider}${way.discover ? ', with the first (empty) discovery' : ''}`;
      say(`${name}: ${count} onboardings, ${AT_ONCE} at once.`);
      await onboardMany({ product, temporal, signIn: way, count: WARM_UP, atOnce: AT_ONCE });
      rows.push(
        await throughput(name, fleet.processes(), count, async () => {
          await onboardMany({ product, temporal, signIn: way, count, atOnce: AT_ONCE, lookEveryMs: 100 });
          await waitFor('discoveries to end', async () => (await temporal.runningDiscoveries()) === 0, QUIET_WITHIN_MS);
        }),
      );
    }

    say('One customer after the other.');
    const alone: Alone[] = [];
    for (const way of ways) alone.push(await oneByOne(stack, product, way, Math.min(ALONE, count)));
    await fleet.stop();

    const ofBare = (which: boolean): number =>
      Math.min(
        ...ways.flatMap(({ discover }, n) =>
          discover === which ? [(rows[n + 1]?.perSecond ?? 0) / bare.perSecond] : [],
        ),
      );
    return {
      tables: [
        {
          title: `${count} onboardings, ${AT_ONCE} at once`,
          columns: ['', 'a second', ...processes.map((name) => `${name} ms`), 'CPU ms'],
          rows: rows.map(({ name, perSecond, cpu }) => [
            name,
            perSecond,
            ...processes.map((process) => cpu[process] ?? null),
            ownCpu(cpu),
          ]),
        },
        {
          title: 'From the callback to active, one customer after the other',
          columns: ['', 'p50 ms', 'p95 ms', 'p99 ms', 'history events'],
          rows: [
            ['bare', ...[0.5, 0.95, 0.99].map((share) => quantile(bareAlone, share)), null],
            ...alone.map(({ name, fromCallbackMs, events }) => [
              name,
              ...[0.5, 0.95, 0.99].map((share) => quantile(fromCallbackMs, share)),
              events,
            ]),
          ],
        },
      ],
      verdicts: [
        {
          what: 'onboardings a second, without discovery: Mooring ÷ bare, at least',
          value: ofBare(false),
          atLeast: 0.5,
        },
        {
          what: 'onboardings a second, up to the end of their first discovery: Mooring ÷ bare, which has none',
          value: ofBare(true),
        },
        {
          what: 'history events to active, without discovery, at most',
          value: Math.max(...alone.flatMap(({ events }, index) => (ways[index]?.discover ? [] : [events ?? 0]))),
          atMost: 30,
        },
        {
          what: 'callback to active, idle, p99 in ms',
          value: quantile(alone[0]?.fromCallbackMs ?? [], 0.99),
          atMost: 250,
        },
      ],
      notes: [
        'Bare: a workflow that is started, one signal, two activities with one call to the cloud and one write to Vault each.',
      ],
    };
  },
});

const processes = ['worker', 'temporal', 'vault', 'redis', 'api'] as const;

async function throughput(name: string, of: Processes, count: number, work: () => Promise<void>): Promise<Throughput> {
  const before = await readCpu(of);
  const startedAt = performance.now();
  await work();
  const seconds = (performance.now() - startedAt) / 1000;
  const cpuMs = cpuBetween(before, await readCpu(of));
  const cpu = Object.fromEntries(Object.entries(cpuMs).map(([process, ms]) => [process, ms / count]));
  return { name, perSecond: count / seconds, cpu };
}

interface Alone {
  readonly name: string;
  readonly fromCallbackMs: readonly number[];
  /** The median over all of them, once they are quiet. */
  readonly events: number | null;
}

async function oneByOne(stack: Stack, product: Product, way: SignIn, count: number): Promise<Alone> {
  const temporal = createTemporalView(stack.client(spaces.product));
  const durations: (number | null)[] = [];
  const ids: string[] = [];
  for (let n = 0; n < count; n++) {
    const { fromCallbackMs, id, failure } = await onboardOne(product, way, LOOK_EVERY_MS);
    if (failure !== null || id === null) throw new Error(`An onboarding on an idle stack failed: ${failure}`);
    durations.push(fromCallbackMs);
    ids.push(id);
    // Idle: the first discovery of one customer must not run beside the sign-in of the next.
    if (way.discover) {
      await waitFor('the discovery to end', async () => await temporal.isDiscovered(id), QUIET_WITHIN_MS);
    }
  }
  const lengths = await temporal.historyLengths(ids);
  return {
    name: `Mooring, ${way.provider}`,
    fromCallbackMs: measuredOnly(durations),
    events: median([...lengths.values()].map(({ events }) => events)),
  };
}
