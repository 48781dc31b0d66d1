import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../random.ts';
import { drawWay, type People } from './come-in.ts';
import type { Api } from './http.ts';
import { isEnded, type Entry, type Ledger } from './ledger.ts';
import type { Verbs } from './verbs.ts';

export interface Client {
  readonly api: Api;
  readonly ledger: Ledger;
  readonly people: People;
  readonly verbs: Verbs;
}

export interface TrafficOptions {
  readonly connections: number;
  readonly rate: number;
}

interface Operation {
  readonly weight: number;
  /** Writes are one at a time for a connection, so that the ledger knows which came last. */
  readonly writes: boolean;
  /** Which connections it is for. */
  readonly of: (client: Client) => readonly Entry[];
  readonly run: (client: Client, entry: Entry, random: Random) => Promise<unknown>;
}

const known = ({ ledger }: Client): readonly Entry[] => ledger.entries().filter(({ id }) => id !== null);
const connected = ({ ledger }: Client): readonly Entry[] => ledger.connected();
const having =
  (...statuses: string[]) =>
  ({ ledger }: Client): readonly Entry[] =>
    ledger.wanted().filter(({ seen }) => seen !== null && statuses.includes(seen.status));

const operations: readonly Operation[] = [
  { weight: 28, writes: false, of: known, run: ({ verbs }, entry) => verbs.get(entry) },
  {
    weight: 22,
    writes: false,
    of: connected,
    run: ({ verbs }, entry, random) => verbs.credentials(entry, random.pick([undefined, 0, 0, 5])),
  },
  { weight: 3, writes: false, of: connected, run: ({ verbs }, entry) => verbs.timeline(entry) },
  {
    weight: 14,
    writes: true,
    of: connected,
    run: ({ verbs }, entry, random) => verbs.tag(entry, `t${random.between(0, 1e9)}`),
  },
  { weight: 6, writes: true, of: connected, run: ({ verbs }, entry) => verbs.verb(entry, 'refresh') },
  { weight: 3, writes: true, of: connected, run: ({ verbs }, entry) => verbs.verb(entry, 'discover') },
  { weight: 2, writes: true, of: having('active', 'degraded'), run: ({ verbs }, entry) => verbs.verb(entry, 'pause') },
  { weight: 5, writes: true, of: having('paused'), run: ({ verbs }, entry) => verbs.verb(entry, 'resume') },
  { weight: 1, writes: true, of: connected, run: ({ verbs }, entry) => verbs.disconnect(entry) },
  {
    weight: 6,
    writes: true,
    of: ({ ledger }) => ledger.wanted().filter(({ id }) => id === null),
    run: async ({ people }, entry) => (await people.create(entry)) && (await people.comeIn(entry)),
  },
  // What is refused, lost or stopped is noticed, and seen to.
  { weight: 8, writes: true, of: having('awaiting_customer'), run: ({ people }, entry) => people.comeIn(entry) },
  {
    weight: 4,
    writes: true,
    of: having('action_required'),
    run: async ({ people }, entry) => (await people.reauthorize(entry)) && (await people.comeIn(entry)),
  },
  {
    weight: 4,
    writes: true,
    of: ({ ledger }) => ledger.connected().filter(isEnded),
    run: ({ verbs }, entry, random) => (random.chance(0.8) ? verbs.verb(entry, 'recover') : verbs.disconnect(entry)),
  },
  {
    weight: 4,
    writes: true,
    of: ({ ledger }) => ledger.entries().filter(({ disconnect }) => disconnect?.acceptedAtMs === null),
    run: ({ verbs }, entry) => verbs.disconnect(entry),
  },
];

/** A chance of this to list instead, and of that to begin a connection while there are too few. */
const LIST = 0.04;
const BEGIN = 0.35;
/** Some lanes wait for an answer that does not come: the others keep the rate. */
const LANES_FOR_RATE = 2;

/** Calls at mixed rates until the signal says so; resolves when the last call has ended. */
export async function drive(client: Client, options: TrafficOptions, random: Random, stop: AbortSignal): Promise<void> {
  const lanes = Math.max(4, Math.ceil(options.rate * LANES_FOR_RATE));
  const averageMs = (lanes / options.rate) * 1_000;
  const lane = async (own: Random): Promise<void> => {
    for (;;) {
      const pauseMs = -Math.log(1 - own.fraction()) * averageMs;
      await delay(pauseMs, undefined, { signal: stop }).catch(() => {});
      if (stop.aborted) return;
      await step(client, options, own);
    }
  };
  await Promise.all(Array.from({ length: lanes }, async (_, index) => await lane(random.fork(`lane ${index}`))));
}

async function step(client: Client, { connections }: TrafficOptions, random: Random): Promise<void> {
  if (random.chance(LIST)) return void (await client.api.call('list', 'GET', '/v1/connections?limit=50'));
  if (client.ledger.wanted().length < connections && random.chance(BEGIN)) return await begin(client, random);
  const operation = random.pickWeighted(operations);
  const candidates = operation.of(client).filter(({ busy }) => !(operation.writes && busy));
  if (candidates.length === 0) return;
  const entry = random.pick(candidates);
  if (operation.writes) await alone(entry, async () => await operation.run(client, entry, random));
  else await operation.run(client, entry, random);
}

async function begin({ ledger, people, verbs }: Client, random: Random): Promise<void> {
  const way = drawWay(random);
  const entry = ledger.add(`chaos-${ledger.entries().length}-${random.between(0, 1e9)}`, way);
  await alone(entry, async () => {
    if (!(await people.create(entry))) return;
    await people.comeIn(entry);
    await verbs.get(entry);
  });
}

async function alone(entry: Entry, work: () => Promise<unknown>): Promise<void> {
  entry.busy = true;
  try {
    await work();
  } finally {
    entry.busy = false;
  }
}
