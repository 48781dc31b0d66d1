import { lifeSeconds } from '../support/due-times.ts';
import { EMPTY_ACCOUNT } from '../support/accounts.ts';
import { onboardMany, ovhSignIn, startMooringFleet, type SignIn } from '../support/mooring-fleet.ts';
import { measuredOnly, onboardSteadily, type Onboarding } from '../support/onboardings.ts';
import { stackDefaults } from '../support/options.ts';
import { scenarioOnStack } from '../support/scenario.ts';
import { spaces, type Stack } from '../support/stack.ts';
import { quantile, ratio } from '../support/statistics.ts';
import { createTemporalView } from '../support/temporal-view.ts';
import { createTokenLife } from '../support/token-life.ts';
import { untilTime } from '../support/wait.ts';

const HANGS_FOR_MS = 20_000;
/** Within the first seconds of the hang all of its tokens fall due. */
const DUE_WITHIN_MS = 10_000;
const WARM_UP_SECONDS = 10;
/** From the last onboarding to the first phase: time for the warm-up. */
const ASLEEP_MS = 20_000;
/** Of a healthy cloud, kept alive meanwhile: each of them is renewed once in so many seconds. */
const HEALTHY = { connections: 300, cycleSeconds: 60 } as const;

const hanging: SignIn = { provider: 'azure', region: 'global', account: 'ada@lindqvist.example', discover: false };
const healthy: readonly SignIn[] = [
  { ...ovhSignIn, account: EMPTY_ACCOUNT },
  { provider: 'gcp', region: 'global', account: 'ada@lindqvist.example', discover: false },
];

const defaults = { connections: [1_000] as readonly number[], latency: 50, seconds: 60, rate: 2, ...stackDefaults };

interface Phase {
  readonly name: string;
  readonly onboardings: readonly Onboarding[];
  readonly renewed: number;
  readonly late: number;
}

/** One cloud takes 20 s for every answer, with many connections due; customers of other clouds must not notice. */
export const isolation = scenarioOnStack({
  title: 'One cloud hangs',
  defaults,
  async measure(stack, options, say) {
    const size = options.connections.at(-1) ?? 0;
    await stack.cloud.change({ core: { latencyMs: { 'token.*': options.latency } } });
    const ovhLife = createTokenLife(stack.cloud, 'ovh');
    const hangingLife = createTokenLife(stack.cloud, 'azure');
    const fleet = await startMooringFleet(stack, options);
    const { product } = fleet;
    const temporal = createTemporalView(stack.client(spaces.product));
    const others = Math.min(HEALTHY.connections, size);

    say(`Onboarding ${others} connections of a healthy cloud, and ${size} of the one that will hang.`);
    await ovhLife.fix(lifeSeconds(HEALTHY.cycleSeconds * 1000, 0));
    await fleet.grow(others);
    const phaseMs = options.seconds * 1000;
    let endMs = Date.now();
    await hangingLife.aim(() => ({ fromMs: endMs + ASLEEP_MS + phaseMs, lengthMs: DUE_WITHIN_MS }));
    const expectEnd = (atMs: number): void => void (endMs = atMs);
    await onboardMany({ product, temporal, signIn: hanging, count: size, expectEnd });
    endMs = Date.now();
    const hangsFromMs = endMs + ASLEEP_MS + phaseMs;

    const phase = async (name: string): Promise<Phase> => {
      say(`${name}: ${options.rate} onboardings a second for ${options.seconds} s.`);
      const before = await stack.cloud.counters('ovh');
      const steady = { perSecond: options.rate, seconds: options.seconds };
      const onboardings = await onboardSteadily(product, healthy, steady);
      const after = await stack.cloud.counters('ovh');
      return {
        name,
        onboardings,
        renewed: after.refreshTokensSpent - before.refreshTokensSpent,
        late: after.refreshedAfterExpiry - before.refreshedAfterExpiry,
      };
    };
    // What a process does at its first requests is not what is measured.
    await onboardSteadily(product, healthy, { perSecond: options.rate, seconds: WARM_UP_SECONDS });
    const phases = [await phase('all clouds healthy')];
    await untilTime(hangsFromMs);
    await stack.cloud.fault({ cloud: hanging.provider, endpoint: 'token.*' }, { kind: 'slow', ms: HANGS_FOR_MS }, null);
    const askedBefore = await requestsOf(stack);
    phases.push(await phase(`one cloud takes ${HANGS_FOR_MS / 1000} s`));
    const hung = (await requestsOf(stack)) - askedBefore;
    await hangingLife.fix(3_600);
    await stack.cloud.clearFaults();
    phases.push(await phase('it is healthy again'));
    await fleet.stop();

    const [before, during, afterwards] = phases;
    const p99 = (one: Phase | undefined): number | null => (one ? at(one, 0.99) : null);
    return {
      tables: [
        {
          title: `Customers of other clouds, from the first request to active, while ${size} connections of one cloud are due`,
          columns: ['', 'onboarded', 'failed', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms', 'renewed', 'late'],
          rows: phases.map((one) => [
            one.name,
            one.onboardings.length,
            failuresOf(one),
            at(one, 0.5),
            at(one, 0.95),
            at(one, 0.99),
            at(one, 1),
            one.renewed,
            one.late,
          ]),
        },
      ],
      verdicts: [
        { what: 'onboarding p99: hanging ÷ healthy', value: ratio(p99(during), p99(before)), atMost: 1.5 },
        { what: 'onboarding p99: afterwards ÷ healthy', value: ratio(p99(afterwards), p99(before)) },
        { what: 'onboardings that failed', value: phases.reduce((sum, one) => sum + failuresOf(one), 0), atMost: 0 },
        {
          what: 'late renewals of the healthy cloud',
          value: phases.reduce((sum, one) => sum + one.late, 0),
          atMost: 0,
        },
      ],
      notes: [
        `The hanging cloud was asked ${hung} times while it hung. Its ${size} tokens fall due within the first ${DUE_WITHIN_MS / 1000} s.`,
        ...reasons(phases),
      ],
    };
  },
});

const requestsOf = async (stack: Stack): Promise<number> =>
  (await stack.cloud.counters('azure')).requests['token.refresh'] ?? 0;

const at = ({ onboardings }: Phase, share: number): number | null =>
  quantile(measuredOnly(onboardings.map(({ totalMs }) => totalMs)), share);

const failuresOf = ({ onboardings }: Phase): number => onboardings.filter(({ failure }) => failure !== null).length;

/** The sentences that failed onboardings got, each once. */
function reasons(phases: readonly Phase[]): string[] {
  const failures = phases.flatMap(({ onboardings }) => onboardings.map(({ failure }) => failure));
  const texts = new Set(
    failures.filter((text) => text !== null).map((text) => text.replaceAll(/con_[a-z2-7]+/g, 'con_…')),
  );
  return texts.size === 0 ? [] : [`Failures: ${[...texts].slice(0, 5).join(' / ')}`];
}
