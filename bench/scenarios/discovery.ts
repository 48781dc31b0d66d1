import { listOneByOne, listsOf } from '../baseline/lists.ts';
import type { Connection } from '../../api/connections/schema.ts';
import { KeyRing } from '../../platform/key-ring.ts';
import { startMooringFleet } from '../support/mooring-fleet.ts';
import { stackDefaults } from '../support/options.ts';
import type { Cell } from '../support/report.ts';
import { scenarioOnStack } from '../support/scenario.ts';
import { spaces, type Stack } from '../support/stack.ts';
import { ratio, spread } from '../support/statistics.ts';
import { createTemporalView } from '../support/temporal-view.ts';

/** Ada: three projects with some of everything. */
const ACCOUNT = 'la12345-ovh';
const WITHIN_MS = 300_000;

/** Slots of one connection: the default, and more than one list in each project needs. */
const SLOTS = [8, 28] as const;

const defaults = { latency: 200, rounds: 3, ...stackDefaults };

/**
 * An account with three projects is listed, once when it connects and once more when its projects are known. The same
 * requests are made straight at the cloud, list after list.
 */
export const discovery = scenarioOnStack({
  title: 'Discovery',
  defaults,
  async measure(stack, options, say) {
    const measured = new Map<number, Measured>();
    // The second product opens what the first has sealed.
    const keys = KeyRing.generate();
    for (const slots of SLOTS) measured.set(slots, await measureWith(stack, { ...options, keys }, slots, say));
    const few = measured.get(SLOTS[0]);
    const many = measured.get(SLOTS[1]);
    const medianOf = (values: readonly number[] = []): number | null => spread(values).median;
    const work = medianOf(few?.oneByOne);
    return {
      tables: [...measured].map(([slots, { made, oneByOne, slowest, first, own }]) => ({
        title: `${made}, ${slots} at once; the cloud answers in ${options.latency} ms`,
        columns: ['', 'min ms', 'median ms', 'max ms'],
        rows: [
          row('one list after the other', oneByOne),
          row('the slowest list alone', slowest),
          row('Mooring, first pass', first),
          row('Mooring, later passes', own),
        ],
      })),
      verdicts: [
        {
          what: `later passes ÷ (one after the other / ${SLOTS[0]}), ${SLOTS[0]} at once`,
          value: ratio(medianOf(few?.own), work === null ? null : work / SLOTS[0]),
          atMost: 1.15,
        },
        {
          what: `later passes ÷ the slowest list alone, ${SLOTS[1]} at once`,
          value: ratio(medianOf(many?.own), medianOf(many?.slowest)),
          atMost: 1.6,
        },
        {
          what: `first passes ÷ (one after the other / ${SLOTS[0]}), ${SLOTS[0]} at once`,
          value: ratio(medianOf(few?.first), work === null ? null : work / SLOTS[0]),
        },
        {
          what: `first passes ÷ the slowest list alone, ${SLOTS[1]} at once`,
          value: ratio(medianOf(many?.first), medianOf(many?.slowest)),
        },
        { what: 'history events of a discovery', value: few?.events ?? null, atMost: 12 },
      ],
      notes: [
        'Both sides make the same requests over the REST API, up to ten at once within a list.',
        'In a first pass the projects are not known: their lists wait for the list of projects.',
      ],
    };
  },
});

interface Measured {
  /** What was listed, in words. */
  readonly made: string;
  /** Milliseconds, one for each round, of the pass with which a connection begins. */
  readonly first: readonly number[];
  /** Of a pass over projects that are known. */
  readonly own: readonly number[];
  readonly oneByOne: readonly number[];
  readonly slowest: readonly number[];
  readonly events: number | null;
}

async function measureWith(
  stack: Stack,
  options: typeof defaults & Parameters<typeof startMooringFleet>[1] & { readonly keys: string },
  slots: number,
  say: (line: string) => void,
): Promise<Measured> {
  const settings = { MOORING_KEYS: options.keys, DISCOVERY_CONCURRENCY: String(slots), WORKER_DISCOVERY_LISTS: '32' };
  const fleet = await startMooringFleet(stack, { ...options, settings });
  const { customer } = fleet.product;
  const { cloud, platform } = customer;
  // The sign-in is quick; only what lists ask for is slow.
  const { latency } = options;
  await cloud.change({
    core: { latencyMs: { 'cloud.*': latency, 'dedicated.*': latency, 'iam.resource.*': latency } },
  });

  const connect = async (): Promise<Connection> => {
    const { connection } = await customer.onboard({}, { account: ACCOUNT });
    return await platform.until(connection.id, isDiscovered, WITHIN_MS);
  };
  say(`Connecting an account with three projects, ${slots} lists at once.`);
  const askedBefore = (await cloud.addresses()).length;
  const connection = await connect();
  const lists = listsOf((await cloud.addresses()).slice(askedBefore));

  const first: number[] = [];
  const own: number[] = [];
  const oneByOne: number[] = [];
  const slowest: number[] = [];
  for (let round = 1; round <= options.rounds; round++) {
    say(`Round ${round} of ${options.rounds}.`);
    first.push(tookMs(await connect()));
    const before = (await platform.get(connection.id)).discovery?.last?.finishedAt;
    await platform.call('POST', `/v1/connections/${connection.id}/discover`);
    const isNew = (now: Connection): boolean => isDiscovered(now) && now.discovery?.last?.finishedAt !== before;
    own.push(tookMs(await platform.until(connection.id, isNew, WITHIN_MS)));
    const durations = [...(await listOneByOne(cloud, stack.cloudVariables, ACCOUNT, lists)).values()];
    oneByOne.push(durations.reduce((sum, ms) => sum + ms, 0));
    slowest.push(Math.max(...durations));
  }
  const temporal = createTemporalView(stack.client(spaces.product));
  const discoveryId = `${connection.id}/discovery`;
  const events = (await temporal.historyLengths([discoveryId])).get(discoveryId)?.events ?? null;
  await fleet.stop();
  const { lists: made = 0, complete = 0, resources = 0 } = connection.discovery?.last ?? {};
  const words = `${made} lists of an account with three projects (${complete} complete, ${resources} resources)`;
  return { made: words, first, own, oneByOne, slowest, events };
}

function row(name: string, values: readonly number[]): Cell[] {
  const { min, median, max } = spread(values);
  return [name, min, median, max];
}

const isDiscovered = ({ discovery: found }: Connection): boolean => found?.running === null && found.last !== null;

function tookMs({ discovery: found }: Connection): number {
  const { startedAt = '', finishedAt = '' } = found?.last ?? {};
  return Date.parse(finishedAt) - Date.parse(startedAt);
}
