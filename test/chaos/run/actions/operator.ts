import { isEnded, type Entry } from '../client/ledger.ts';
import type { Random } from '../random.ts';
import type { ActionType, Drawn, World } from './action.ts';
import type { Garbage } from './temporal-operator.ts';

/** Acts on one connection that has come in, chosen by the seed among those that there are by then. */
function onConnection(
  random: Random,
  [kind, detail]: readonly [kind: string, detail?: string],
  act: (world: World, id: string, entry: Entry) => Promise<void>,
): Drawn {
  const fraction = random.fraction();
  return {
    kind: `operator: ${kind}`,
    group: 'operator',
    text: `operator: ${kind} ${detail === undefined ? 'of a connection' : `to a connection: ${detail}`}`,
    needs: [],
    async run(world) {
      const candidates = world.ledger.connected().filter((entry) => !isEnded(entry));
      const entry = candidates[Math.floor(fraction * candidates.length)];
      if (!entry?.id) return;
      world.say(`       ${kind}: ${entry.id}`);
      await act(world, entry.id, entry);
    },
  };
}

const messages = ['oauthCallback', 'discoveryDone', 'noSuchMessage'] as const;
const updates = ['pause', 'refresh', 'annotate', 'disconnect', 'submitCredentials'] as const;
const contents: readonly (readonly unknown[])[] = [
  [],
  [null],
  ['garbage'],
  [42],
  [[]],
  [{}],
  [{ tenant: 7, epoch: 'x', answer: { kind: 'nothing' } }],
  [{ epoch: -1, stateHash: null, browserHash: [], redirectUri: {}, answer: null }],
  ['x'.repeat(10_000)],
];

function garbageOf(random: Random): Garbage {
  const how = random.pick(['signal', 'signal', 'update'] as const);
  return {
    how,
    message: random.pick<string>(how === 'signal' ? messages : updates),
    sealed: random.chance(0.5),
    args: random.pick(contents),
  };
}

export const operatorActions: readonly ActionType[] = [
  {
    weight: 3,
    group: 'operator',
    draw: (random) =>
      onConnection(random, ['terminate'], async ({ operator }, id, entry) => {
        await operator.terminate(id);
        entry.ended.push({ how: 'terminated', atMs: Date.now() });
      }),
  },
  {
    weight: 2,
    group: 'operator',
    draw: (random) =>
      onConnection(random, ['cancel'], async ({ operator }, id, entry) => {
        await operator.cancel(id);
        entry.ended.push({ how: 'cancelled', atMs: Date.now() });
      }),
  },
  {
    weight: 3,
    group: 'operator',
    draw: (random) => onConnection(random, ['reset'], async ({ operator }, id) => await operator.reset(id)),
  },
  {
    weight: 4,
    group: 'operator',
    draw(random) {
      const garbage = garbageOf(random);
      const { how, message, sealed, args } = garbage;
      const detail = `${message} ${sealed ? 'sealed' : 'in clear'} ${JSON.stringify(args).slice(0, 60)}`;
      return onConnection(random, [`garbage ${how}`, detail], async ({ operator }, id) => {
        await operator.send(id, garbage);
      });
    },
  },
];
