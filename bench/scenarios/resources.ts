import { startMooringFleet } from '../support/mooring-fleet.ts';
import { stackDefaults } from '../support/options.ts';
import type { Verdict } from '../support/report.ts';
import { scenarioOnStack } from '../support/scenario.ts';
import { quantile, ratio } from '../support/statistics.ts';

const ACCOUNT = 'la12345-ovh';
/** In each of three projects: some 20,000 resources in all. */
const INSTANCES_PER_PROJECT = 6_700;
const REQUESTS = 200;
const WARM_UP = 50;
const WITHIN_MS = 600_000;

const queries = {
  'no filter': '',
  'a kind': '&kind=instance',
  'a region': '&region=GRA11',
  'a word that many have': '&text=active',
  'a word that none has': '&text=nosuchword',
};

/** Pages of 50 out of a connection with 20,000 resources, beside the API's cheapest authenticated answer. */
export const resources = scenarioOnStack({
  title: 'Pages of resources over HTTP',
  defaults: stackDefaults,
  async measure(stack, options, say) {
    const fleet = await startMooringFleet(stack, options);
    const { customer } = fleet.product;
    const { cloud, platform } = customer;
    say(`Listing an account with ${3 * INSTANCES_PER_PROJECT} instances.`);
    for (const { id } of await cloud.ovh.projects(ACCOUNT))
      await cloud.ovh.resize(id, { instance: INSTANCES_PER_PROJECT });
    const { id } = (await customer.onboard({}, { account: ACCOUNT })).connection;
    const { discovery } = await platform.until(id, (view) => view.discovery?.last != null, WITHIN_MS);

    const rows: [string, number | null][] = [];
    const p95 = async (label: string, request: () => Promise<unknown>): Promise<number | null> => {
      // What a process does at its first requests is not what is measured.
      for (let n = 0; n < WARM_UP; n++) await request();
      const durations: number[] = [];
      for (let n = 0; n < REQUESTS; n++) {
        const startedAt = performance.now();
        await request();
        durations.push(performance.now() - startedAt);
      }
      const found = quantile(durations, 0.95);
      rows.push([label, found]);
      return found;
    };
    const baseline = await p95('GET /v1/providers', async () => await platform.call('GET', '/v1/providers'));
    const verdicts: Verdict[] = [];
    for (const [label, query] of Object.entries(queries)) {
      let cursor: string | null = null;
      const page = async (): Promise<void> => {
        const after: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
        const path = `/v1/connections/${id}/resources?limit=50${query}${after}`;
        cursor = (await platform.call<{ nextCursor: string | null }>('GET', path)).nextCursor;
      };
      verdicts.push({ what: `p95, ${label} ÷ GET /v1/providers`, value: ratio(await p95(label, page), baseline) });
    }
    await fleet.stop();
    return {
      tables: [
        {
          title: `A page of 50 of ${discovery?.last?.resources} resources, ${REQUESTS} requests each`,
          columns: ['', 'p95 ms'],
          rows,
        },
      ],
      verdicts,
      notes: [],
    };
  },
});
