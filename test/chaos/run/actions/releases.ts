import { KeyRing } from '../../../../platform/key-ring.ts';
import type { Random } from '../random.ts';
import { workerNames, type ProductName } from '../stack/product.ts';
import type { ActionType, Drawn, World } from './action.ts';

function deploy(random: Random): Drawn {
  const release = random.pick(['current', 'old'] as const);
  return {
    kind: 'deploy of the workers',
    group: 'deploys',
    text: `the ${release} release is deployed: worker by worker, and made current after the first`,
    needs: ['release'],
    async run(world) {
      const { product } = world.stack;
      const [first, ...others] = workerNames;
      product.release(first, release);
      await restart(world, first);
      await product.makeCurrent(release);
      for (const name of others) {
        product.release(name, release);
        await restart(world, name);
      }
    },
  };
}

export const releaseActions: readonly ActionType[] = [{ weight: 3, group: 'deploys', draw: deploy }];

/** A new key joins behind the old one everywhere, then goes to the front everywhere; dropping one comes days later. */
export const rotateKeys: Drawn = {
  kind: 'key rotation',
  group: 'rotation',
  text: 'a new key joins the ring, then goes to its front, with a rolling restart each',
  needs: ['keys'],
  async run(world) {
    const before = world.stack.product.keys();
    const added = KeyRing.generate('second');
    await roll(world, `${before},${added}`);
    await roll(world, `${added},${before}`);
  },
};

async function roll(world: World, keys: string): Promise<void> {
  world.stack.product.setKeys(keys);
  // Workers go first: an API that starts before any worker has the first key waits for one.
  for (const name of [...workerNames, 'api'] as const) await restart(world, name);
}

async function restart({ stack, locks }: World, name: ProductName): Promise<void> {
  const release = await locks.take(name);
  try {
    await stack.child(name).restart();
    await stack.child(name).untilReady();
  } finally {
    release();
  }
}
