import type { Random } from '../random.ts';
import { productNames, workerNames } from '../stack/product.ts';
import type { Link } from '../stack/network.ts';
import type { ActionType, Drawn } from './action.ts';

/** Every pair that talks to each other. */
const linkNames = [
  'client-api',
  ...productNames.flatMap((name) => ['temporal', 'vault', 'redis'].map((server) => `${name}-${server}`)),
  ...workerNames.map((name) => `${name}-cloud`),
];

interface Trouble {
  readonly kind: string;
  readonly text: string;
  readonly begin: (link: Link) => Promise<void>;
}

function troubleOf(random: Random): Trouble {
  const latencyMs = random.between(100, 3_000);
  return random.pick<Trouble>([
    { kind: 'cut', text: 'cut', begin: (link) => link.cut() },
    { kind: 'latency', text: `slow by ${latencyMs} ms`, begin: (link) => link.slow(latencyMs) },
    { kind: 'blackhole', text: 'swallows requests', begin: (link) => link.swallow('upstream') },
    { kind: 'lost answers', text: 'swallows answers', begin: (link) => link.swallow('downstream') },
  ]);
}

function disturb(random: Random): Drawn {
  const name = random.pick(linkNames);
  const { kind, text, begin } = troubleOf(random);
  const seconds = random.between(2, 20);
  return {
    kind: `network ${kind}`,
    group: 'network',
    text: `${name} ${text} for ${seconds} s`,
    needs: [name],
    async run({ stack, pause }) {
      const link = stack.links.find((one) => one.name === name);
      if (!link) throw new Error(`There is no link ${name}.`);
      await begin(link);
      await pause(seconds);
      await link.heal();
    },
  };
}

export const networkActions: readonly ActionType[] = [{ weight: 28, group: 'network', draw: disturb }];
