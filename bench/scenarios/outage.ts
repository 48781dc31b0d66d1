import { startBareFleet } from '../baseline/fleet.ts';
import type { Fleet } from '../support/fleet.ts';
import { growHerd, watchRecovery, type Recovery } from '../support/herd.ts';
import { startMooringFleet } from '../support/mooring-fleet.ts';
import { stackDefaults } from '../support/options.ts';
import { cellText } from '../support/render.ts';
import { scenarioOnStack, type Say } from '../support/scenario.ts';
import { spaces, type Stack } from '../support/stack.ts';
import { mean, rateCurve, ratio } from '../support/statistics.ts';
import { createTemporalView } from '../support/temporal-view.ts';
import { createTokenLife } from '../support/token-life.ts';
import { untilTime, waitFor } from '../support/wait.ts';

/** From the last onboarding to the outage. */
const ASLEEP_MS = 15_000;
/** Of the outage: within this part of it all tokens fall due. */
const DUE_WITHIN = 0.5;
/** A renewal that failed may be tried again after five minutes at most; beyond that it is lost. */
const QUIET_MS = 330_000;
const SLICE_MS = 5_000;
/** The few that are last are spread by their own backoff: they say nothing about a herd. */
const RECOVERED = 0.99;
/** Whatever is renewed is not due again before the end. */
const LONG_LIFE_SECONDS = 3_600;
const SETTLED_WITHIN_MS = 60_000;

const defaults = { connections: [5_000] as readonly number[], latency: 50, seconds: 120, ...stackDefaults };

interface Outage {
  readonly fleet: string;
  /** Requests that the token endpoint got while it was down. */
  readonly refused: number;
  readonly recovery: Recovery;
  /** Renewals a second while it recovered, in slices. */
  readonly curve: readonly number[];
  readonly grantsRevoked: number;
  readonly spentTwice: number;
}

/** The token endpoint answers 503 while every token falls due; then it is back. */
export const outage = scenarioOnStack({
  title: 'A cloud is down, then back',
  defaults,
  async measure(stack, options, say) {
    await stack.cloud.change({ core: { latencyMs: { 'token.refresh': options.latency } } });
    const size = options.connections.at(-1) ?? 0;
    const bare = await startBareFleet(stack);
    const base = await sufferOutage(stack, bare, size, options.seconds, say);
    await bare.stop();
    const mooring = await startMooringFleet(stack, options);
    const own = await sufferOutage(stack, mooring, size, options.seconds, say);
    const active = await activeAgain(stack, size);
    await mooring.stop();
    return {
      tables: [
        {
          title: `${size} tokens fall due within ${options.seconds} s of an outage; then the cloud is back`,
          columns: [
            '',
            'asked while down',
            'renewed',
            'first s',
            'half s',
            '99 % s',
            'mean/s',
            'peak/s',
            'spent twice',
            'grants lost',
          ],
          rows: [base, own].map((one) => [
            one.fleet,
            one.refused,
            one.recovery.renewed,
            one.recovery.secondsTo(0),
            one.recovery.secondsTo(0.5),
            one.recovery.secondsTo(RECOVERED),
            mean(one.curve),
            peak(one.curve),
            one.spentTwice,
            one.grantsRevoked,
          ]),
        },
        {
          title: `Renewals a second from the first one after the cloud is back, in slices of ${SLICE_MS / 1000} s`,
          columns: ['', 'rates'],
          rows: [base, own].map(({ fleet, curve }) => [fleet, curve.map(cellText).join(' ')]),
        },
      ],
      verdicts: [
        { what: 'connections lost', value: size - active, atMost: 0 },
        { what: 'peak ÷ mean of the recovery', value: ratio(peak(own.curve), mean(own.curve)), atMost: 2 },
        { what: 'the same of the bare loop', value: ratio(peak(base.curve), mean(base.curve)) },
        { what: 'asked while down: Mooring ÷ bare loop', value: ratio(own.refused, base.refused) },
      ],
      notes: [
        `The recovery lasts from the first renewal after the cloud is back until ${RECOVERED * 100} % are renewed. The bare loop backs off to five minutes, and nothing more.`,
      ],
    };
  },
});

async function sufferOutage(stack: Stack, fleet: Fleet, size: number, seconds: number, say: Say): Promise<Outage> {
  const life = createTokenLife(stack.cloud);
  const lengthMs = seconds * 1000 * DUE_WITHIN;
  const herd = await growHerd({ fleet, life, size, asleepMs: ASLEEP_MS, lengthMs, say });
  await untilTime(herd.fromMs);
  say(`${fleet.name}: the cloud is down for ${seconds} s.`);
  const before = await stack.cloud.counters();
  await stack.cloud.fault({ cloud: 'ovh', endpoint: 'token.refresh' }, { kind: 'respond', status: 503 }, null);
  await life.fix(LONG_LIFE_SECONDS);
  await untilTime(Math.max(Date.now() + seconds * 1000, herd.untilMs));
  const down = await stack.cloud.counters();
  // The few that were renewed before it went down are not part of what must recover.
  const due = size - (down.refreshTokensSpent - before.refreshTokensSpent);
  const watching = watchRecovery(stack, due, QUIET_MS);
  await stack.cloud.clearFaults();
  say(`${fleet.name}: the cloud is back.`);
  const recovery = await watching;
  const after = await stack.cloud.counters();
  const backMs = recovery.readings[0]?.atMs ?? 0;
  const fromMs = (recovery.secondsTo(0) ?? 0) * 1000 + backMs;
  const untilMs = (recovery.secondsTo(RECOVERED) ?? Infinity) * 1000 + backMs;
  return {
    fleet: fleet.name,
    refused: asked(down) - asked(before),
    recovery,
    curve: rateCurve(
      recovery.readings.filter(({ atMs }) => atMs >= fromMs && atMs <= untilMs),
      SLICE_MS,
    ),
    grantsRevoked: after.grantsRevoked - before.grantsRevoked,
    spentTwice: after.refreshTokensSpentTwice - before.refreshTokensSpentTwice,
  };
}

const asked = ({ requests }: { requests: Readonly<Record<string, number>> }): number => requests['token.refresh'] ?? 0;

const peak = (curve: readonly number[]): number => Math.max(...curve);

/** How many show as active; a status may follow its renewal a little later. */
async function activeAgain(stack: Stack, size: number): Promise<number> {
  const temporal = createTemporalView(stack.client(spaces.product));
  let active = 0;
  await waitFor(
    'all connections to be active again',
    async () => {
      active = await temporal.activeConnections();
      return active >= size;
    },
    SETTLED_WITHIN_MS,
  ).catch(() => undefined);
  return active;
}
