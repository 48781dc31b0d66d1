import { isDiscovered } from '../../test/e2e/support/discovery-stack.ts';
import { largeAccounts, type LargeAccount } from '../../test/support/large-accounts.ts';
import { connectBy, waysIn } from '../../test/support/ways.ts';
import type { Customer } from '../../test/support/customer.ts';
import { lifeSeconds } from '../support/due-times.ts';
import { startMooringFleet } from '../support/mooring-fleet.ts';
import { stackDefaults } from '../support/options.ts';
import { residentMiB, watchResident } from '../support/sampler.ts';
import { scenarioOnStack } from '../support/scenario.ts';
import { createTokenLife } from '../support/token-life.ts';

/** Kept alive beside the lists, each renewed once in so many seconds. */
const OTHERS = { connections: 300, cycleSeconds: 15 } as const;
const LISTED_WITHIN_MS = 300_000;

const defaults = { connections: [10_000] as readonly number[], latency: 200, ...stackDefaults };

interface Listed {
  readonly cloud: string;
  readonly resources: number;
  readonly seconds: number;
  readonly secondSeconds: number;
  readonly changes: number;
  readonly peakMiB: number;
}

/** An account of each cloud with many resources is listed twice, while the connections of others fall due. */
export const largeAccountsListed = scenarioOnStack({
  title: 'Large accounts',
  defaults,
  async measure(stack, options, say) {
    const size = options.connections.at(-1) ?? 0;
    await stack.cloud.change({ core: { latencyMs: { 'token.refresh': options.latency } } });
    const life = createTokenLife(stack.cloud, 'ovh');
    const fleet = await startMooringFleet(stack, options);
    say(`Onboarding ${OTHERS.connections} connections.`);
    await life.fix(lifeSeconds(OTHERS.cycleSeconds * 1000, 0));
    await fleet.grow(OTHERS.connections);
    const [worker = 0] = fleet.workerPids();
    const quietMiB = await residentMiB(worker);
    const before = await stack.cloud.counters('ovh');
    const rows: Listed[] = [];
    for (const account of largeAccounts) {
      say(`${account.cloud}: an account with ${size} resources.`);
      await account.grow(stack.cloud, size);
      rows.push(await listTwice(fleet.product.customer, account, worker));
    }
    const after = await stack.cloud.counters('ovh');
    const endMiB = await residentMiB(worker);
    await fleet.stop();

    return {
      tables: [
        {
          title: `Accounts with ${size} resources of one kind, beside ${OTHERS.connections} connections that are renewed once in ${OTHERS.cycleSeconds} s`,
          columns: ['', 'resources', 'first pass s', 'second pass s', 'changes in the second', 'worker MiB, most'],
          rows: rows.map((row) => [row.cloud, row.resources, row.seconds, row.secondSeconds, row.changes, row.peakMiB]),
        },
      ],
      verdicts: [
        {
          what: 'resources that are missing',
          value: sum(rows.map(({ resources }) => Math.max(0, size - resources))),
          atMost: 0,
        },
        { what: 'changes in second passes', value: sum(rows.map(({ changes }) => changes)), atMost: 0 },
        {
          what: 'late renewals beside them',
          value: after.refreshedAfterExpiry - before.refreshedAfterExpiry,
          atMost: 0,
        },
        { what: 'renewals beside them', value: after.refreshTokensSpent - before.refreshTokensSpent },
        { what: 'worker MiB before', value: quietMiB },
        { what: 'worker MiB afterwards', value: endMiB },
      ],
      notes: ['The clouds answer lists at once; renewals take as long as the latency says.'],
    };
  },
});

async function listTwice(customer: Customer, account: LargeAccount, worker: number): Promise<Listed> {
  const way = waysIn.find(({ name }) => name === account.way);
  if (!way) throw new Error(`No way in is called "${account.way}".`);
  const { platform } = customer;
  const watched = watchResident(worker);
  try {
    const startedAt = performance.now();
    const { id } = await connectBy(customer, way);
    const first = (await platform.until(id, isDiscovered, LISTED_WITHIN_MS)).discovery?.last;
    const seconds = (performance.now() - startedAt) / 1000;
    const againAt = performance.now();
    await platform.call('POST', `/v1/connections/${id}/discover`);
    const { discovery } = await platform.until(
      id,
      (now) => isDiscovered(now) && now.discovery?.last?.finishedAt !== first?.finishedAt,
      LISTED_WITHIN_MS,
    );
    const { resources = 0, added = 0, removed = 0, changed = 0 } = discovery?.last ?? {};
    const secondSeconds = (performance.now() - againAt) / 1000;
    return {
      cloud: account.cloud,
      resources,
      seconds,
      secondSeconds,
      changes: added + removed + changed,
      peakMiB: watched.mostMiB(),
    };
  } finally {
    watched.stop();
  }
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
