import type { Random } from '../random.ts';
import { productNames, workerNames } from '../stack/product.ts';
import type { ActionType, Drawn, Group } from './action.ts';

const serverNames = ['temporal', 'vault', 'redis', 'cloud'] as const;

function kill(group: Group, names: readonly string[]): Drawn {
  return {
    kind: `kill -9 ${names.length > 1 ? 'both workers' : (names[0]?.replace(/-\d$/, '') ?? '')}`,
    group,
    text: `kill -9 of ${names.join(' and ')}`,
    needs: names,
    async run({ stack }) {
      for (const name of names) stack.child(name).kill();
      await Promise.all(names.map(async (name) => await stack.child(name).untilReady()));
    },
  };
}

function freeze(random: Random): Drawn {
  const name = random.pick([...productNames, ...workerNames, ...serverNames]);
  // Beyond the deadlines of an attempt (12 s) and of a workflow task (10 s) too.
  const seconds = random.between(2, 16);
  return {
    kind: `SIGSTOP ${name.replace(/-\d$/, '')}`,
    group: 'freezes',
    text: `SIGSTOP of ${name} for ${seconds} s`,
    needs: [name],
    async run({ stack, pause }) {
      stack.child(name).freeze();
      await pause(seconds);
      stack.child(name).thaw();
    },
  };
}

export const processActions: readonly ActionType[] = [
  {
    weight: 20,
    group: 'kills',
    draw: (random) =>
      kill('kills', random.chance(0.15) ? workerNames : [random.pick([...productNames, ...workerNames])]),
  },
  { weight: 14, group: 'freezes', draw: freeze },
  { weight: 5, group: 'servers', draw: (random) => kill('servers', [random.pick(serverNames)]) },
];
