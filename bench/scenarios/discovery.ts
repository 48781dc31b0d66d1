import { listOneByOne, listsOf } from '../baseline/lists.ts';
import type { Connection } from '../../api/connections/schema.ts';
import { startMooringFleet } from '../support/mooring-fleet.ts';
import { stackDefaults } from '../support/options.ts';
import { scenarioOnStack } from '../support/scenario.ts';
import { spaces } from '../support/stack.ts';
import { ratio, spread } from '../support/statistics.ts';
import { createTemporalView } from '../support/temporal-view.ts';

/** Ada: three projects with some of everything. */
const ACCOUNT = 'la12345-ovh';
const WITHIN_MS = 300_000;

const defaults = { latency: 200, rounds: 3, ...stackDefaults };

/** An account with three projects is listed, and the same requests are made straight at the cloud, list after list. */
export const discovery = scenarioOnStack({
  title: 'Discovery',
  defaults,
  async measure(stack, options, say) {
    const fleet = await startMooringFleet(stack, options);
    const { customer } = fleet.product;
    const { cloud, platform } = customer;
    // The sign-in is quick; only what lists ask for is slow.
    const { latency } = options;
    await cloud.change({
      core: { latencyMs: { 'cloud.*': latency, 'dedicated.*': latency, 'iam.resource.*': latency } },
    });

    say('Connecting an account with three projects.');
    const askedBefore = (await cloud.addresses()).length;
    const { connection } = await customer.onboard({}, { account: ACCOUNT });
    const first = await platform.until(connection.id, isDiscovered, WITHIN_MS);
    const lists = listsOf((await cloud.addresses()).slice(askedBefore));

    const own: number[] = [];
    const oneByOne: number[] = [];
    const slowest: number[] = [];
    for (let round = 1; round <= options.rounds; round++) {
      say(`Round ${round} of ${options.rounds}.`);
      const before = (await platform.get(connection.id)).discovery?.last?.finishedAt;
      await platform.call('POST', `/v1/connections/${connection.id}/discover`);
      const isNew = (now: Connection): boolean => isDiscovered(now) && now.discovery?.last?.finishedAt !== before;
      own.push(tookMs(await platform.until(connection.id, isNew, WITHIN_MS)));
      const durations = [...(await listOneByOne(cloud, stack.cloudVariables, ACCOUNT, lists)).values()];
      oneByOne.push(durations.reduce((sum, ms) => sum + ms, 0));
      slowest.push(Math.max(...durations));
    }
    const temporal = createTemporalView(stack.client(spaces.product));
    const eventsOf = async (id: string): Promise<number | null> =>
      (await temporal.historyLengths([id])).get(id)?.events ?? null;
    const events = await eventsOf(`${connection.id}/discovery`);
    await fleet.stop();

    const { lists: made = 0, complete = 0, resources = 0 } = first.discovery?.last ?? {};
    const row = (name: string, values: readonly number[]) => {
      const { min, median, max } = spread(values);
      return [name, min, median, max];
    };
    const medianOf = (values: readonly number[]): number | null => spread(values).median;
    return {
      tables: [
        {
          title: `${made} lists of an account with three projects (${complete} complete, ${resources} resources); the cloud answers in ${latency} ms`,
          columns: ['', 'min ms', 'median ms', 'max ms'],
          rows: [
            row('one list after the other', oneByOne),
            row('the slowest list alone', slowest),
            row('Mooring', own),
          ],
        },
      ],
      verdicts: [
        { what: 'one after the other ÷ Mooring', value: ratio(medianOf(oneByOne), medianOf(own)) },
        { what: 'Mooring ÷ the slowest list alone', value: ratio(medianOf(own), medianOf(slowest)) },
        { what: 'history events of a discovery', value: events, atMost: 10 * PROJECTS },
      ],
      notes: ['Both sides make the same requests over the REST API, up to ten at once within a list.'],
    };
  },
});

const PROJECTS = 3;

const isDiscovered = ({ discovery: found }: Connection): boolean => found?.running === null && found.last !== null;

function tookMs({ discovery: found }: Connection): number {
  const { startedAt = '', finishedAt = '' } = found?.last ?? {};
  return Date.parse(finishedAt) - Date.parse(startedAt);
}
