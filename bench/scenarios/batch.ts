import { batchOf, startBatch } from '../../test/support/batch-roles.ts';
import { lifeSeconds } from '../support/due-times.ts';
import { ownCpu } from '../support/measure.ts';
import { startMooringFleet } from '../support/mooring-fleet.ts';
import { stackDefaults } from '../support/options.ts';
import { cpuBetween, readCpu } from '../support/sampler.ts';
import { scenarioOnStack } from '../support/scenario.ts';
import { spaces } from '../support/stack.ts';
import { createTemporalView } from '../support/temporal-view.ts';
import { createTokenLife } from '../support/token-life.ts';
import { waitFor } from '../support/wait.ts';

/** Kept alive beside the batch, each renewed once in so many seconds. */
const OTHERS = { connections: 200, cycleSeconds: 60 } as const;
const FINISHED_WITHIN_MS = 900_000;
const LOOK_EVERY_MS = 500;

const defaults = { connections: [1_000] as readonly number[], latency: 50, ...stackDefaults };

/** An organization comes in at once, while the connections of others fall due. */
export const batch = scenarioOnStack({
  title: 'An organization at once',
  defaults,
  async measure(stack, options, say) {
    const size = options.connections.at(-1) ?? 0;
    await stack.cloud.change({ core: { latencyMs: { 'token.*': options.latency, 'sts.*': options.latency } } });
    const life = createTokenLife(stack.cloud, 'ovh');
    const fleet = await startMooringFleet(stack, options);
    const { product } = fleet;
    say(`Onboarding ${OTHERS.connections} connections of another cloud.`);
    await life.fix(lifeSeconds(OTHERS.cycleSeconds * 1000, 0));
    await fleet.grow(OTHERS.connections);

    say(`A batch of ${size} roles.`);
    const names = Array.from({ length: size }, (_none, n) => `org-${n}`);
    const before = await stack.cloud.counters('ovh');
    const cpuBefore = await readCpu(fleet.processes());
    const startedAt = performance.now();
    const { id } = await startBatch(product.customer, names);
    let counts = (await batchOf(product.customer, id)).counts;
    await waitFor(
      'the batch to finish',
      async () => {
        const now = await batchOf(product.customer, id);
        ({ counts } = now);
        return now.status === 'finished';
      },
      FINISHED_WITHIN_MS,
      LOOK_EVERY_MS,
    );
    const seconds = (performance.now() - startedAt) / 1000;
    const cpu = cpuBetween(cpuBefore, await readCpu(fleet.processes()));
    const after = await stack.cloud.counters('ovh');
    const lengths = await createTemporalView(stack.client(spaces.product)).historyLengths([id]);
    await fleet.stop();

    const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
    const late = after.refreshedAfterExpiry - before.refreshedAfterExpiry;
    return {
      tables: [
        {
          title: `${size} roles in one batch, beside ${OTHERS.connections} connections that are renewed once in ${OTHERS.cycleSeconds} s`,
          columns: ['roles', 'connected', 'seconds', 'a second', 'CPU ms a role', 'renewed beside', 'late'],
          rows: [
            [
              size,
              counts.connected,
              seconds,
              size / seconds,
              ownCpu(cpu) / size,
              after.refreshTokensSpent - before.refreshTokensSpent,
              late,
            ],
          ],
        },
      ],
      verdicts: [
        { what: 'roles that are not connected', value: size - counts.connected, atMost: 0 },
        { what: 'items that are counted twice or not at all', value: Math.abs(size - total), atMost: 0 },
        { what: 'late renewals of the others', value: late, atMost: 0 },
        { what: 'history events of the batch in its last run', value: lengths.get(id)?.events ?? null, atMost: 2_100 },
      ],
      notes: ['From the request that creates the batch, with the roles being made at the simulated cloud.'],
    };
  },
});
